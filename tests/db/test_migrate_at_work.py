"""Tests of `db migrate` beside processes at work, which lose nothing and see no error."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from core.identity import Actor
from db.blocklist import block_mobile
from db.delivery import Settlement, claim_messages, settle_messages, what_waits
from db.migrate import InTheWayError, migrate
from db.pool import Reads, open_pool, open_reads
from db.recalls import RecallQuery, list_recalls, mark_no_further_action
from db.scripts import FUNCTIONS
from db.sending import RunAccepted, send_recalls
from db.sync import PatientRow, RecallRow, upsert_patients, upsert_recalls
from db.types import Pool
from dev.servers.running import ServerUrls, as_application
from tests.db.test_denormalised_columns import STALE
from tests.support.databases import a_database
from tests.support.practice import Practice, a_mobile, a_practice
from tests.support.releases import another_release, holding, until_it_waits, upgrade
from tests.support.tiers import length

pytestmark = pytest.mark.usefixtures("alone")
READ_ALL = """
  do $$
  declare
    one record;
  begin
    for one in select oid::regclass as name from pg_class
      where relkind in ('r', 'v') and relnamespace::regnamespace::text in ('public', 'logic')
    loop
      execute format('lock table %s in access share mode', one.name);
    end loop;
  end $$
"""


class AtWork:
    """What an API and a worker do in a practice, over and over, on connections like theirs."""

    def __init__(self, pool: Pool, reads: Reads, practice: Practice, other: Practice) -> None:
        self.pool, self.reads, self.practice, self.other = pool, reads, practice, other
        self.blocked: list[str] = []
        self.accepted: list[int] = []
        self.handed: list[int] = []

    async def block(self, turn: int) -> None:
        number = a_mobile()
        await self.patient(f"blocked {turn}", number)
        await block_mobile(
            self.pool, self.practice.id, number, blocked=True, note=None, actor=Actor("Reception")
        )
        self.blocked.append(number)

    async def patient(self, pms_id: str, mobile: str) -> None:
        rows = [PatientRow(pms_id, "Ann", "Smith", mobile=mobile)]
        await upsert_patients(self.pool, self.practice.id, rows)

    async def recalls(self, prefix: str, count: int) -> list[int]:
        today = self.practice.today
        rows = [RecallRow(f"{prefix} {n}", prefix, "Skin check", today) for n in range(count)]
        await upsert_recalls(self.pool, self.practice.id, rows)
        return [
            row["id"]
            for row in await self.practice.pool.fetch(
                "select id from recalls where pms_id like $1 || ' %'", prefix
            )
        ]

    async def sync(self, turn: int) -> None:
        await self.patient(f"synced {turn}", a_mobile())
        ids = await self.recalls(f"synced {turn}", 50)
        await mark_no_further_action(self.pool, self.practice.id, ids, actor=Actor("Dr Lee"))

    async def send(self, turn: int) -> None:
        await self.patient(f"sent {turn}", a_mobile())
        accepted = await send_recalls(
            self.pool,
            self.practice.id,
            await self.recalls(f"sent {turn}", 1),
            proceed_without_consent=False,
            idempotency_key=f"key {turn}",
            actor=Actor("Reception"),
        )
        assert isinstance(accepted, RunAccepted)
        self.accepted.append(accepted.run_id)

    async def automate(self, _turn: int) -> None:
        await self.other.recall(await self.other.patient(mobile=a_mobile()))
        accepted = await self.other.automate()
        assert isinstance(accepted, RunAccepted)
        self.accepted.append(accepted.run_id)

    async def read(self, _turn: int) -> None:
        query = RecallQuery(tab="TO_ACTION")
        await list_recalls(self.reads, self.practice.id, query, first=20, after=None)

    async def deliver(self, _turn: int = 0) -> None:
        claim = await claim_messages(self.pool, lease=10)
        if claim is None or not claim.messages:
            return
        settled = [Settlement(m.attempt_id, "SENT", f"SM{m.attempt_id}") for m in claim.messages]
        assert await settle_messages(self.pool, claim, settled, retry_after=0)
        self.handed += [message.attempt_id for message in claim.messages]

    async def repeat(self, work: Callable[[int], Awaitable[None]], upgraded: asyncio.Event) -> None:
        turn = 0
        while not upgraded.is_set():
            await work(turn)
            turn += 1


@pytest.mark.both
async def test_nothing_fails_and_nothing_is_lost_during_upgrades(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # given
    upgraded = asyncio.Event()
    other = await a_practice(practice.pool)
    url = as_application(database_url)
    reads = await open_reads(url, name="reads", connections=2)
    async with await open_pool(url, name="work", connections=8) as pool:
        at_work = AtWork(pool, reads, practice, other)

        async def upgrade_again_and_again() -> None:
            try:
                for number in range(length(6, 40)):
                    filling = number % 2 == 0
                    release = another_release(tmp_path, number, fills_columns=filling)
                    await upgrade(database_url, release)
            finally:
                upgraded.set()

        # when
        async with asyncio.TaskGroup() as group:
            group.create_task(upgrade_again_and_again())
            for work in (
                at_work.block,
                at_work.sync,
                at_work.send,
                at_work.automate,
                at_work.deliver,
                at_work.read,
            ):
                group.create_task(at_work.repeat(work, upgraded))
        while (await what_waits(pool)).ready:
            await at_work.deliver()
    await reads.close()

    # then
    listed = await practice.pool.fetch("select mobile from blocked_communications")
    assert sorted(row["mobile"] for row in listed) == sorted(at_work.blocked) != []
    sent = await practice.pool.fetch("select id, state from contact_attempts order by id")
    assert [row["id"] for row in sent] == sorted(at_work.handed)
    assert [row["state"] for row in sent] == ["SENT"] * len(at_work.accepted) != []
    assert await practice.pool.fetch(STALE) == []


async def test_no_page_is_read_by_functions_of_two_releases(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # given two releases that are swapped without a pause
    await upgrade(database_url, another_release(tmp_path, 1))
    await practice.pool.execute("grant usage on schema logic_before to recalls_app")
    await practice.recall()
    read = asyncio.Event()
    swapped = 0

    async def swap() -> None:
        nonlocal swapped
        while not read.is_set():
            await practice.pool.execute(
                """
                begin;
                alter schema logic rename to logic_after;
                alter schema logic_before rename to logic;
                alter schema logic_after rename to logic_before;
                commit
                """
            )
            swapped += 1

    reads = await open_reads(as_application(database_url), name="reads", connections=1)
    # when
    async with asyncio.TaskGroup() as group:
        swapping = group.create_task(swap())
        pages = [
            await list_recalls(reads, practice.id, RecallQuery(tab=tab), first=20, after=None)
            for _ in range(100)
            for tab in ("TO_ACTION", "CALLS", "LETTERS")
        ]
        read.set()
        await swapping
    await reads.close()
    # then
    assert swapped > 10
    assert {len(page) for page in pages} == {0, 1}


async def test_a_migration_with_nothing_to_do_is_held_up_by_nobody(
    practice: Practice, database_url: str
) -> None:
    # given
    lock = f"select logic.lock_denormalised({practice.id})"
    async with holding(database_url, READ_ALL, lock):
        # when / then
        async with asyncio.timeout(10):
            await upgrade(database_url, FUNCTIONS, patience=0)


async def test_new_functions_are_loaded_despite_open_transactions(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # given
    recall = await practice.recall()
    view = "select sms_reason from logic.recall_status where recall_id = $1"
    async with holding(database_url, READ_ALL) as connection:
        before = await connection.fetch(view, recall)
        # when
        await upgrade(database_url, another_release(tmp_path, 1), patience=0)
        # then
        assert await connection.fetch(view, recall) == before != []


async def test_triggers_that_changed_replace_those_that_the_tables_have(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # given
    release = another_release(tmp_path, 1)
    script = (release / "triggers.sql").read_text()
    renamed = script.replace("create trigger recalls_notify", "create trigger recalls_changed")
    (release / "triggers.sql").write_text(renamed)
    names = """
      select tgname from pg_trigger
      where tgrelid = 'recalls'::regclass and not tgisinternal order by tgname
    """
    # when
    await upgrade(database_url, release)
    # then
    found = [row["tgname"] for row in await practice.pool.fetch(names)]
    assert found == ["recalls_changed", "recalls_columns", "recalls_round"]


async def test_the_application_may_not_use_the_previous_functions(
    practice: Practice, database_url: str, tmp_path: Path
) -> None:
    # when
    await upgrade(database_url, another_release(tmp_path, 1))
    # then
    may_use = "select has_schema_privilege('recalls_app', $1, 'USAGE')"
    names = ("logic", "logic_before")
    assert [await practice.pool.fetchval(may_use, name) for name in names] == [True, False]


@pytest.fixture
async def older_url(servers: ServerUrls) -> AsyncIterator[str]:
    """A database from an earlier release, whose tables an upgrade changes."""
    async with a_database(servers) as url:
        await asyncio.to_thread(migrate, url, "0005")
        yield url


@pytest.fixture
async def older(older_url: str) -> AsyncIterator[Pool]:
    """A pool on that database."""
    async with asyncpg.create_pool(older_url, min_size=1) as pool:
        yield pool


REVISION = "select version_num from alembic_version"


async def test_the_migration_gives_way_to_others(older_url: str, older: Pool) -> None:
    # given a transaction that holds the second table that the revision changes
    async with holding(older_url, "select from contact_attempts") as connection:
        upgrading = asyncio.create_task(upgrade(older_url, FUNCTIONS))
        await until_it_waits(older, "relation")
        # when it wants the first
        await connection.execute("select from runs")
        waited = not upgrading.done()
    await upgrading
    # then
    assert waited
    assert await older.fetchval(REVISION) > "0005"


async def test_a_migration_that_gives_up_says_who_is_in_the_way(
    older_url: str, older: Pool
) -> None:
    # given
    async with holding(older_url, "select from contact_attempts") as connection:
        # when
        with pytest.raises(InTheWayError) as raised:
            await upgrade(older_url, FUNCTIONS, patience=0)
        # then
        assert f"psql (process {connection.get_server_pid()})" in str(raised.value)
    assert await older.fetchval(REVISION) == "0005"


@pytest.mark.takes_long("tries again until it finds nobody in the way")
async def test_nobody_sees_a_deadlock_with_a_revision(older_url: str, older: Pool) -> None:
    # given endless transactions, each of which reads two tables in its own order
    tables = ["practices", "patients", "recalls", "runs", "contact_attempts", "audit_events"]
    upgraded = asyncio.Event()
    read = 0

    async def reading(one: str, other: str) -> None:
        nonlocal read
        while not upgraded.is_set():
            async with older.acquire() as connection, connection.transaction():
                for table in (one, other):
                    await connection.execute(f"select from {table}")
                    await asyncio.sleep(0)
            read += 1

    # when
    async with asyncio.TaskGroup() as group:
        for one, other in zip(tables, reversed(tables), strict=True):
            group.create_task(reading(one, other))
        await upgrade(older_url, FUNCTIONS)
        upgraded.set()
    # then
    assert read > 0
    assert await older.fetchval(REVISION) > "0005"
