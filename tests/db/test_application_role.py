"""Tests of the application role: how `db migrate` creates it and lets it connect."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from db.migrate import migrate, scram_verifier, set_application_password
from db.types import Pool
from dev.servers.running import ServerUrls, as_application
from tests.support.databases import a_database
from tests.support.servers import administer

PASSWORD = "dRz4-0kq9-XwTm"
pytestmark = pytest.mark.usefixtures("alone")


async def verifier(pool: Pool, role: str) -> str:
    found: str = await pool.fetchval("select rolpassword from pg_authid where rolname = $1", role)
    return found


async def test_a_password_is_hashed_as_postgresql_hashes_it(pool: Pool) -> None:
    # given
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(f"create role scram_test login password '{PASSWORD}'")
        theirs = await connection.fetchval(
            "select rolpassword from pg_authid where rolname = 'scram_test'"
        )
        await transaction.rollback()
    # when
    head, _ = theirs.rsplit("$", 1)
    rounds, salt = head.split("$")[1].split(":")
    ours = scram_verifier(PASSWORD, salt=base64.b64decode(salt), rounds=int(rounds))
    # then
    assert ours == theirs


async def test_the_application_gets_the_password_in_its_url(pool: Pool, database_url: str) -> None:
    # given
    url = as_application(database_url).replace("recalls_app@", f"recalls_app:{PASSWORD}@")
    # when
    await set_application_password(database_url, url)
    # then
    kept = await verifier(pool, "recalls_app")
    salt = base64.b64decode(kept.split(":")[1].split("$")[0])
    assert kept == scram_verifier(PASSWORD, salt=salt)


@pytest.mark.parametrize("user", ["recalls_app@", f"another:{PASSWORD}@"])
async def test_another_role_or_an_empty_password_changes_nothing(
    pool: Pool, database_url: str, user: str
) -> None:
    # given
    before = await verifier(pool, "recalls_app")
    # when
    await set_application_password(database_url, database_url.replace("postgres@", user, 1))
    # then
    assert await verifier(pool, "recalls_app") == before


@pytest.fixture
async def ordinary(servers: ServerUrls) -> AsyncIterator[str]:
    """The URL of an empty database whose owner may create roles but isn't a superuser."""
    await administer(servers.database_url, "create role ordinary login createrole")
    async with a_database(servers, "owner ordinary") as url:
        yield url.replace("postgres@", "ordinary@", 1)
    await administer(servers.database_url, "drop role ordinary")


@pytest.fixture
async def empty(servers: ServerUrls) -> AsyncIterator[str]:
    """The URL of an empty database."""
    async with a_database(servers) as url:
        yield url


async def test_nobody_but_the_application_gets_into_the_database(
    empty: str, servers: ServerUrls
) -> None:
    # given
    await administer(servers.database_url, "create role passer_by login")
    connect = "select has_database_privilege($1, current_database(), $2)"
    # when
    await asyncio.to_thread(migrate, empty)
    # then
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(empty.replace("postgres@", "passer_by@", 1))
        application = await asyncpg.connect(as_application(empty))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute("create temporary table notes (name text)")
        assert await application.fetchval(connect, "recalls_app", "connect")
        await application.close()
    finally:
        await administer(servers.database_url, "drop role passer_by")


@pytest.mark.slow
async def test_an_owner_without_superuser_rights_can_migrate_and_the_application_can_serve(
    ordinary: str,
) -> None:
    # given
    urls = {
        "RECALLS_DATABASE_OWNER_URL": ordinary,
        "RECALLS_DATABASE_URL": ordinary.replace("ordinary@", "recalls_app@", 1),
    }

    async def run(*arguments: str) -> tuple[int | None, str]:
        command = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", *arguments),
            env=os.environ | urls,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await command.communicate()
        return command.returncode, out.decode()

    # when
    async with asyncio.timeout(60):
        migrated = await run("db", "migrate")
        options = ("--name", "Clinic", "--phone", "02 5550 1234", "--pms", "OTHER")
        made = await run("api", "practice", "create", *options)
        token = await run(
            "api", "token", "create", "--practice", "1", "--name", "Lee", "--role", "ADMIN"
        )
    # then
    assert migrated[0] == 0, migrated[1]
    assert made == (0, "1\n")
    assert token[1].startswith("recalls_1_")
