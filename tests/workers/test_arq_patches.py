"""Tests of what we override in arq and redis-py, and that they still don't do it."""

import inspect
import logging
import signal
from typing import Any

import pytest
from arq import Worker
from arq.connections import RedisSettings, create_pool
from redis.asyncio import Redis

from dev.servers.running import ServerUrls
from workers.arq_patches import may_go_on, queue_settings, quiet_arq
from workers.valkey import connect

URL = "rediss://recalls:a%2Fb%40c@valkey.example:6380/3?ssl_ca_certs=/ca.pem"


def test_arq_still_reads_a_url_in_its_own_way() -> None:
    # when
    settings = RedisSettings.from_dsn(URL)
    # then
    assert settings.password == "a%2Fb%40c", "It unquotes: remove that from queue_settings"
    assert settings.ssl_ca_certs is None, "It reads options: remove that from queue_settings"
    assert not settings.ssl_check_hostname, "It checks the host: remove that from queue_settings"


def test_arq_reaches_valkey_as_its_url_says() -> None:
    # when
    settings = queue_settings(URL)
    # then
    assert (settings.host, settings.port, settings.database) == ("valkey.example", 6380, 3)
    assert (settings.username, settings.password) == ("recalls", "a/b@c")
    assert settings.ssl_ca_certs == "/ca.pem"
    assert settings.ssl_check_hostname


async def test_redis_still_doesnt_check_the_host_of_a_certificate() -> None:
    # when
    plain: Any = Redis.from_url(URL).connection_pool
    # then
    assert not plain.make_connection().check_hostname, (
        "It checks the host: remove `checked` from connect"
    )


async def test_the_host_of_a_certificate_is_checked() -> None:
    # when
    ours: Any = connect(URL, 1).connection_pool
    # then
    assert ours.make_connection().check_hostname


async def fails(_context: Any) -> Any:
    """Raise an error that names a number."""
    raise ValueError("0491 570 006")


JOBS: Any = [fails]


async def test_arq_still_logs_each_job_and_the_values_in_its_error(
    servers: ServerUrls, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    caplog.set_level(logging.INFO, "arq")
    pool = await create_pool(RedisSettings.from_dsn(servers.valkey_url), default_queue_name="plain")
    worker = Worker(JOBS, queue_name="plain", redis_pool=pool, burst=True, handle_signals=False)
    await pool.enqueue_job("fails")
    # when
    await worker.async_run()
    await worker.close()
    # then
    told = [each.getMessage() for each in caplog.records]
    assert any("fails()" in line for line in told), "It logs no jobs: remove quiet_arq"
    assert any("0491 570 006" in line for line in told), (
        "It logs no values: remove _discreet in workers/jobs.py"
    )


def test_arqs_lines_about_each_job_are_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(logging.getLogger("arq"), "level", logging.INFO)
    # when
    quiet_arq()
    # then
    assert not logging.getLogger("arq.worker").isEnabledFor(logging.INFO)


async def test_arq_still_tells_its_jobs_in_no_other_way_that_it_stops() -> None:
    # given
    worker = Worker(JOBS, handle_signals=False, job_completion_wait=1)
    public = {name for name in vars(worker) if not name.startswith("_")}
    before = {name: getattr(worker, name) for name in public}
    assert may_go_on(worker)
    # when
    worker.handle_sig_wait_for_completion(signal.SIGTERM)
    # then
    changed = {name for name in public if getattr(worker, name) is not before[name]}
    assert changed == {"allow_pick_jobs"}, "It tells in another way: look at may_go_on"
    assert not may_go_on(worker)


def test_arq_still_closes_valkeys_connection_by_a_deprecated_name() -> None:
    # then
    assert "self.pool.close(" in inspect.getsource(Worker.close), (
        "It doesn't: remove the warning from filterwarnings in pyproject.toml"
    )
