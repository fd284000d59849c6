"""Tests that the demo's servers come up, and that no process outlives the one that started it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from arq import create_pool
from arq.connections import RedisSettings
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from dev.servers.embedded import ServersError
from dev.servers.guard import Guarded
from dev.servers.running import ServerUrls, running_servers

DEADLINE_SECONDS = 15.0
ROOT = Path(__file__).parents[2]

GUARD_HOLDER = """
import asyncio, pathlib, sys
from dev.servers.guard import Guarded

async def main():
    argv = ["sh", "-c", "echo $$; exec sleep 60"]
    await Guarded.start("sleeper", argv, log=pathlib.Path(sys.argv[1]))
    await asyncio.Event().wait()

asyncio.run(main())
"""
SERVERS_HOLDER = """
import pathlib, sys, threading
from dev.servers.running import running_servers

with running_servers(pathlib.Path(sys.argv[1]), fast=True) as urls:
    print(urls, flush=True)
    threading.Event().wait()
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    # Not in tmp_path: at each start, pytest shuts out the user that root runs PostgreSQL as.
    with tempfile.TemporaryDirectory(prefix="recalls-test-") as path:
        yield Path(path)


@contextmanager
def python(code: str, argument: Path) -> "Iterator[subprocess.Popen[bytes]]":
    words = [sys.executable, "-c", code, str(argument)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()  # a failing test must not wait for it forever


def eventually(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
    return value


def first_line(log: Path) -> str:
    text = log.read_text() if log.exists() else ""
    return text.partition("\n")[0] if "\n" in text else ""


def lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def serving(directory: Path) -> list[psutil.Process]:
    """Return every process of the servers in ``directory``, down to PostgreSQL's own children."""
    found = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(directory) in word for word in process.info["cmdline"] or ())
        and process.pid != os.getpid()
    ]
    return list({*found, *(child for one in found for child in one.children(recursive=True))})


def test_a_killed_parent_takes_the_guarded_command_with_it(tmp_path: Path) -> None:
    # given a command under a guard
    log = tmp_path / "log"
    with python(GUARD_HOLDER, log) as parent:
        command = psutil.Process(int(eventually(lambda: first_line(log))))
        assert lives(command)
        # when its parent is killed with no chance to clean up
        parent.kill()
    # then the command ends as well
    eventually(lambda: not lives(command))


async def test_a_guard_told_to_stop_stops_its_command(tmp_path: Path) -> None:
    # given a command under a guard
    log = tmp_path / "log"
    guarded = await Guarded.start("sleeper", ["sh", "-c", "echo $PPID $$; exec sleep 60"], log=log)
    guard, command = (
        psutil.Process(int(pid)) for pid in eventually(lambda: first_line(log)).split()
    )
    # when the guard gets SIGTERM
    guard.terminate()
    # then the command has ended by that signal
    assert await guarded.wait() == 128 + signal.SIGTERM
    assert not lives(command)


async def test_a_command_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    # given a command that ignores SIGTERM
    log = tmp_path / "log"
    deaf = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 60; done"]
    guarded = await Guarded.start("deaf", deaf, log=log, grace=0.2)
    eventually(lambda: first_line(log))
    # when it is stopped
    code = await guarded.stop()
    # then it is killed once the grace period is over
    assert code == 128 + signal.SIGKILL


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -9 $$"], 128 + signal.SIGKILL),
        (["/no/such/program"], 127),
    ],
)
async def test_a_guard_passes_the_exit_code_on(argv: list[str], code: int, tmp_path: Path) -> None:
    # given a command that ends by itself, or never starts
    guarded = await Guarded.start("ending", argv, log=tmp_path / "log")
    # when it has ended
    ended = await guarded.wait()
    # then the guard's exit code is the command's, as a shell reports it
    assert ended == guarded.returncode == code
    await guarded.stop()


async def test_a_command_that_ends_leaves_nothing_it_started(tmp_path: Path) -> None:
    # given a command that starts another, and ends when a file appears
    log, go = tmp_path / "log", tmp_path / "go"
    script = 'sleep 60 & echo $!; until [ -e "$0" ]; do sleep 0.02; done'
    guarded = await Guarded.start("leaver", ["sh", "-c", script, str(go)], log=log)
    other = psutil.Process(int(eventually(lambda: first_line(log))))
    # when the command has ended by itself
    go.touch()
    assert await guarded.wait() == 0
    # then the other ends as well
    eventually(lambda: not lives(other))
    await guarded.stop()


async def test_the_guarded_command_gets_only_the_given_environment(tmp_path: Path) -> None:
    # given an environment with one variable
    log = tmp_path / "log"
    guarded = await Guarded.start(
        "env", ["/bin/sh", "-c", "echo $GIVEN $HOME"], env={"GIVEN": "given"}, log=log
    )
    # when the command has printed it
    await guarded.wait()
    # then nothing of our own environment is in it
    assert first_line(log) == "given"
    await guarded.stop()


async def test_postgresql_18_answers_with_the_settings_asked_for(servers: ServerUrls) -> None:
    # given the servers, started fast
    connection = await asyncpg.connect(servers.database_url)
    # when asked for its settings
    names = ("server_version_num", "max_connections", "fsync", "jit", "listen_addresses")
    settings = [await connection.fetchval("SELECT current_setting($1)", name) for name in names]
    # then they are ours
    assert int(settings[0]) >= 18_00_00
    assert settings[1:] == ["300", "off", "off", ""]
    await connection.close()


async def test_sqlalchemy_takes_the_database_url(servers: ServerUrls) -> None:
    # given the URL with SQLAlchemy's driver
    url = make_url(servers.database_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url)
    # when it connects
    async with engine.connect() as connection:
        user = await connection.scalar(text("SELECT current_user"))
    # then it is the superuser
    assert user == "postgres"
    await engine.dispose()


async def test_the_queue_takes_the_valkey_url(servers: ServerUrls) -> None:
    # given a pool for the queue
    pool = await create_pool(RedisSettings.from_dsn(servers.valkey_url))
    # when it asks what is kept on disk
    save = await pool.config_get("save")
    # then nothing is
    assert save == {"save": ""}
    await pool.aclose()


def test_a_second_start_on_the_same_directory_is_refused(directory: Path) -> None:
    with (
        # given running servers
        running_servers(directory, fast=True),
        # then the start is refused with the reason
        pytest.raises(ServersError, match="servers are already running in"),
        # when others are started in their directory
        running_servers(directory, fast=True),
    ):
        pytest.fail("two starts share a directory")


def test_servers_stop_with_all_their_processes(directory: Path) -> None:
    # given running servers, in a path longer than a socket's may be
    deep = directory / ("deep" * 30)
    with running_servers(deep, fast=True):
        processes = serving(deep)
        assert {process.name() for process in processes} >= {"postgres", "valkey-server"}
        # when they are stopped
    # then none of their processes is left
    assert not any(map(lives, processes))


def test_servers_of_a_killed_caller_stop_by_themselves_and_start_again(directory: Path) -> None:
    # given a caller with servers
    with python(SERVERS_HOLDER, directory) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline()
        processes = serving(directory)
        # when it is killed with no chance to clean up
        caller.kill()
    # then no process is left
    eventually(lambda: not any(map(lives, processes)))
    # and the next start finds everything in order
    with running_servers(directory, fast=True) as urls:
        assert urls.database_url


async def test_a_start_clears_away_servers_that_were_left_behind(directory: Path) -> None:
    # given a PostgreSQL and a Valkey whose guards were all killed
    with python(SERVERS_HOLDER, directory) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline()
        processes = serving(directory)
        leftover = [one for one in processes if one.name().startswith(("postgres", "valkey"))]
        guards = set(processes) - set(leftover)
        for process in guards:
            process.suspend()  # otherwise the remaining ones would stop the servers
        for process in guards:
            process.kill()
    assert all(map(lives, leftover))
    # when servers are started in the same directory
    with running_servers(directory, fast=True) as urls:
        # then the old ones are gone and the new ones answer
        assert not any(map(lives, leftover))
        await (await asyncpg.connect(urls.database_url)).close()


async def test_a_pid_file_that_names_a_stranger_is_no_obstacle(directory: Path) -> None:
    # given a pid file left by a crash, whose number somebody else's process has by now
    with running_servers(directory, fast=True):
        pidfile = directory / "postgres" / "postmaster.pid"
        stale = pidfile.read_text().splitlines(keepends=True)
    pidfile.write_text("".join([f"{os.getpid()}\n", *stale[1:]]))
    (directory / "valkey" / "valkey.pid").write_text(f"{os.getpid()}\n")
    # when servers are started
    with running_servers(directory, fast=True) as urls:
        # then they answer, and the stranger lives on
        await (await asyncpg.connect(urls.database_url)).close()
