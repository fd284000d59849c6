"""Tests of the owner in a container's database: not a superuser, yet able to do all its work."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from db.migrate import DISCREET, keep_values_out_of_log, migrate, set_application_password
from dev.servers.embedded import postgres_home, start_postgres
from dev.servers.running import as_application
from tests.support.servers import administer, on_database

SCRIPT = Path(__file__).parents[2] / "db" / "owner.sql"
PASSWORD = "dRz4'0kq9-\\XwTm"


@pytest.fixture
async def made() -> AsyncIterator[str]:
    """The administrator's URL of a database on its own server, with the script already run."""
    with tempfile.TemporaryDirectory(prefix="recalls-test-") as folder:
        async with AsyncExitStack() as stack:
            _, url = await start_postgres(Path(folder), stack, fast=True)
            await administer(url, "create database recalls")
            url = on_database(url, "recalls")
            ended = await asyncio.to_thread(
                subprocess.run,
                [str(postgres_home() / "bin" / "psql"), "--no-psqlrc", f"--file={SCRIPT}", url],
                env=os.environ | {"POSTGRES_PASSWORD": PASSWORD},
                capture_output=True,
                text=True,
                check=False,
            )
            assert ended.returncode == 0, ended.stderr
            yield url


@pytest.mark.takes_long("starts a server of its own")
async def test_the_owner_is_not_a_superuser_and_can_do_all_that_migrate_does(made: str) -> None:
    # given
    owner, application = made.replace("postgres@", "recalls@", 1), as_application(made)
    # when
    await asyncio.to_thread(migrate, owner)
    await set_application_password(owner, application.replace("@", f":{'x' * 12}@", 1))
    assert await keep_values_out_of_log(owner)
    # then
    administrator, serving = await asyncpg.connect(made), await asyncpg.connect(application)
    try:
        facts = await administrator.fetchrow(
            "select rolsuper, rolbypassrls, rolpassword like 'SCRAM-SHA-256$%' as kept"
            " from pg_authid where rolname = 'recalls'"
        )
        assert facts is not None
        assert tuple(facts) == (False, False, True)
        assert await administrator.fetchval(
            "select rolpassword is null from pg_authid where rolname = current_user"
        )
        shown = {name: await serving.fetchval(f"show {name}") for name in DISCREET}
        assert shown == DISCREET
    finally:
        await administrator.close()
        await serving.close()
