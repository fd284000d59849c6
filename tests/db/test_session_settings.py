"""Tests of the session settings of all our connections, whatever the host's defaults."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from core.identity import Actor
from db.blocklist import block_mobile
from db.change_feed import ChangeFeed
from db.delivery import claim_messages
from db.migrate import migrate
from db.pool import SERVING_SETTINGS, SESSION_SETTINGS, open_owner_pool, open_pool, open_reads
from db.tenancy import ENTER, in_practice
from db.types import Pool
from dev.servers.running import ServerUrls, as_application
from schema.guard import MUTATION_SECONDS
from tests.db.test_claim import until_a_claim_waits_for_a_lock
from tests.support.databases import a_database
from tests.support.practice import Practice, a_mobile
from tests.support.servers import administer

SETTINGS = """
  select current_setting('transaction_isolation') || ', '
    || current_setting('synchronous_commit') || ', '
    || current_setting('idle_in_transaction_session_timeout') as settings
"""
OURS = "read committed, on, 5s"
NOTED = f"""
  create table public.noted as {SETTINGS} with no data;
  create function public.note() returns event_trigger language plpgsql as
    $$ begin insert into public.noted {SETTINGS}; end $$;
  create event trigger noting on ddl_command_end execute function public.note();
"""
"""Has a database note the settings of each connection that changes its schema."""


async def set_defaults(url: str, isolation: str) -> None:
    """Give the database a host's defaults, which hold for later connections."""
    connection = await asyncpg.connect(url)
    here = await connection.fetchval("select quote_ident(current_database())")
    await connection.close()
    await administer(
        url,
        f"alter database {here} set default_transaction_isolation = '{isolation}'",
        f"alter database {here} set synchronous_commit = 'off'",
        f"alter database {here} set idle_in_transaction_session_timeout = '0'",
    )


@pytest.fixture(params=["repeatable read", "serializable"])
async def hosted_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """The test's database, on a host with other defaults."""
    await set_defaults(database_url, request.param)
    return database_url


async def test_a_claim_sees_the_block_that_it_waited_for(
    hosted_url: str, practice: Practice
) -> None:
    # given
    number = a_mobile()
    recall = await practice.recall(await practice.patient(mobile=number))
    await practice.send(recall)
    async with await open_pool(as_application(hosted_url), name="worker") as pool:
        async with in_practice(pool, practice.id) as blocker:
            await blocker.execute(
                "select logic.set_block($1, $2, true, true, null, 'Reception', 'STAFF', false)",
                practice.id,
                number,
            )
            # when
            claiming = asyncio.create_task(claim_messages(pool, lease=10))
            await until_a_claim_waits_for_a_lock(practice.pool)
        claim = await claiming
    # then
    assert claim is not None
    assert claim.messages == []
    assert await practice.attempt_states(recall) == ["REFUSED"]


async def test_a_client_lost_in_the_middle_of_a_block_holds_up_claims_for_seconds_only(
    practice: Practice, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setitem(SESSION_SETTINGS, "idle_in_transaction_session_timeout", "200ms")
    number = a_mobile()
    await practice.send(await practice.recall(await practice.patient(mobile=number)))
    async with await open_pool(as_application(database_url), name="api") as pool:
        connection = await pool.acquire()
        await connection.execute("begin")
        await connection.execute(ENTER, practice.id)
        await connection.execute(
            "select logic.set_block($1, $2, true, true, null, 'Reception', 'STAFF', false)",
            practice.id,
            number,
        )
        # when
        async with asyncio.timeout(10):
            claim = await claim_messages(practice.pool, lease=10)
        await pool.release(connection)
    # then the block, which was never confirmed, doesn't hold
    assert claim is not None
    assert [message.mobile for message in claim.messages] == [number]


async def test_every_pool_has_our_settings(hosted_url: str, practice: Practice) -> None:
    # given
    url = as_application(hosted_url)
    pool, owner = await open_pool(url, name="one"), await open_owner_pool(hosted_url, name="owner")
    reads = await open_reads(url, name="reads")
    # when
    found = [
        await pool.fetchval(SETTINGS),
        await owner.fetchval(SETTINGS),
        await reads.fetchval(f"{SETTINGS} where $1 > 0", practice.id),
    ]
    for each in (pool, owner, reads):
        await each.close()
    # then
    assert found == [OURS] * 3


async def test_serving_connections_wait_no_longer_than_their_clients_do(
    database_url: str, practice: Practice
) -> None:
    # given
    url = as_application(database_url)
    timeouts = (
        "select current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')"
    )
    pool, reads = await open_pool(url, name="one"), await open_reads(url, name="reads")
    owner = await open_owner_pool(database_url, name="owner")
    # when
    found = [
        await pool.fetchval(timeouts),
        await reads.fetchval(f"{timeouts} as t where $1 > 0", practice.id),
        await owner.fetchval(timeouts),
    ]
    for each in (pool, owner, reads):
        await each.close()
    # then
    assert found == ["90s 10min", "90s 10min", "0 0"]
    assert MUTATION_SECONDS < 90


async def test_a_statement_whose_client_is_gone_ends(
    practice: Practice, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a transaction that keeps a practice's facts locked
    monkeypatch.setitem(SERVING_SETTINGS, "lock_timeout", "100ms")
    monkeypatch.setitem(SERVING_SETTINGS, "statement_timeout", "200ms")
    async with await open_pool(as_application(database_url), name="api") as pool:
        async with practice.pool.acquire() as other, other.transaction():
            await other.execute("select logic.lock_denormalised($1)", practice.id)
            # when / then
            with pytest.raises(asyncpg.LockNotAvailableError):
                await practice_blocks(pool, practice)
        with pytest.raises(asyncpg.QueryCanceledError):
            await pool.execute("select pg_sleep(30)")


async def practice_blocks(pool: Pool, practice: Practice) -> None:
    actor = Actor("Reception")
    await block_mobile(pool, practice.id, a_mobile(), blocked=True, note=None, actor=actor)


async def test_the_change_feeds_connection_has_our_settings(
    hosted_url: str, practice: Practice
) -> None:
    # given
    change_feed = ChangeFeed(hosted_url)
    await anext(change_feed.subscribe(practice.id))
    # when
    assert change_feed._connection is not None
    found = await change_feed._connection.fetchval(SETTINGS)
    await change_feed.close()
    # then
    assert found == OURS


@pytest.fixture
async def noting_url(servers: ServerUrls) -> AsyncIterator[str]:
    """An empty database that notes the settings of each connection that changes its schema."""
    async with a_database(servers) as url:
        await set_defaults(url, "serializable")
        await administer(url, NOTED)
        yield url


@pytest.mark.usefixtures("alone")
async def test_a_migration_has_our_settings(noting_url: str) -> None:
    # when
    await asyncio.to_thread(migrate, noting_url)
    # then
    connection = await asyncpg.connect(noting_url)
    assert {row["settings"] for row in await connection.fetch("select * from noted")} == {OURS}
    await connection.close()
