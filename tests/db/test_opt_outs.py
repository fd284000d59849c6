"""Tests of opt-outs: each is kept, and holds in every practice whatever happens in the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from db import opt_outs
from db.blocklist import history_of
from db.opt_outs import carry_out, keep_opt_out, pending_opt_outs
from db.pool import open_pool
from db.types import Pool
from dev.servers.running import as_application
from tests.support.last_words import late_ends
from tests.support.practice import MOBILE, Practice, a_practice
from tests.support.simulated import until


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience enough that nothing is given up on a busy machine."""
    monkeypatch.setattr(opt_outs, "PATIENCE", 60.0)


@pytest.fixture
async def application(database_url: str) -> AsyncIterator[Pool]:
    """The application's pool, on a single connection."""
    async with await open_pool(
        as_application(database_url), name="test", connections=1
    ) as application:
        yield application


@pytest.fixture
async def practices(practice: Practice) -> list[Practice]:
    """Three practices with a patient who has the number."""
    found = [practice, *[await a_practice(practice.pool) for _ in range(2)]]
    for each in found:
        await each.patient()
    return found


async def blocked(practices: list[Practice]) -> list[bool]:
    """Return, for each practice, whether it has blocked the number."""
    return [
        await each.pool.fetchval(
            "select coalesce((select blocked_recalls from blocked_communications"
            " where practice_id = $1 and mobile = $2), false)",
            each.id,
            MOBILE,
        )
        for each in practices
    ]


async def kept(pool: Pool) -> int:
    return await keep_opt_out(pool, MOBILE, source="PATIENT_REPLY")


@asynccontextmanager
async def lists_in_hand(practice: Practice) -> AsyncIterator[None]:
    """Hold the practice's lock, as a change to its lists does; a block waits for it."""
    async with practice.pool.acquire() as connection, connection.transaction():
        await connection.execute("select logic.lock_denormalised($1)", practice.id)
        yield


async def blocks_fail(practice: Practice, error: str, *, times: int) -> None:
    """Have the practice's next ``times`` blocks fail with the error (its SQLSTATE)."""
    await practice.pool.execute(
        f"""
        create sequence failures;
        grant usage on sequence failures to recalls_app;
        create function fail() returns trigger language plpgsql as $$
        begin
          if new.practice_id = {practice.id} and nextval('failures') <= {times} then
            raise exception using errcode = '{error}';
          end if;
          return new;
        end $$;
        create trigger fail before insert on blocked_communications
          for each row execute function fail();
        """
    )


async def test_an_opt_out_is_carried_out_in_every_practice_and_is_done(
    application: Pool, practices: list[Practice]
) -> None:
    # given
    stranger = await a_practice(practices[0].pool)
    # when
    opt_out = await kept(application)
    pending = await pending_opt_outs(application)
    await carry_out(application, opt_out)
    # then
    assert pending == [opt_out]
    assert await blocked([*practices, stranger]) == [True, True, True, False]
    assert await pending_opt_outs(application) == []


@pytest.mark.parametrize(
    ("source", "actor"), [("PATIENT_REPLY", "Patient"), ("GATEWAY", "Gateway")]
)
async def test_the_history_says_where_an_opt_out_came_from(
    application: Pool, practices: list[Practice], source: str, actor: str
) -> None:
    # when
    await carry_out(application, await keep_opt_out(application, MOBILE, source=source))
    # then
    [event] = await history_of(practices[2].reader, practices[2].id, [MOBILE])
    assert (event["source"], event["actor"]) == (source, actor)


@pytest.mark.usefixtures("practice")
async def test_an_opt_out_is_kept_even_if_no_practice_knows_the_number(pool: Pool) -> None:
    # when
    await carry_out(pool, await kept(pool))
    # then
    [row] = await pool.fetch("select mobile, done_at from opt_outs")
    assert row["mobile"] == MOBILE
    assert row["done_at"] is not None


async def test_an_opt_out_repeated_while_it_is_pending_is_the_same(pool: Pool) -> None:
    # when
    ids = await asyncio.gather(*(kept(pool) for _ in range(5)))
    # then
    assert len(set(ids)) == 1


async def test_an_opt_out_repeated_once_it_is_done_is_another(
    pool: Pool, practices: list[Practice]
) -> None:
    # given
    first = await kept(pool)
    await carry_out(pool, first)
    await practices[0].unblock()
    # when
    second = await kept(pool)
    await carry_out(pool, second)
    # then
    assert first != second
    assert await blocked(practices) == [True, True, True]


async def test_carrying_out_an_opt_out_concurrently_blocks_once(
    pool: Pool, practices: list[Practice]
) -> None:
    # given
    opt_out = await kept(pool)
    # when
    await asyncio.gather(*(carry_out(pool, opt_out) for _ in range(4)))
    # then
    assert await pool.fetchval("select count(*) from block_events") == len(practices)
    assert await pending_opt_outs(pool) == []


async def test_a_practice_whose_lists_are_locked_holds_up_no_other(
    application: Pool, practices: list[Practice]
) -> None:
    # given
    opt_out = await kept(application)
    async with lists_in_hand(practices[0]):
        # when
        carrying = asyncio.create_task(carry_out(application, opt_out))

        # then, on the only connection
        async def others_blocked() -> bool:
            return await blocked(practices) == [False, True, True]

        await until(others_blocked)
    await carrying
    assert await blocked(practices) == [True, True, True]


async def test_a_practice_is_tried_again_if_its_connection_is_cut(
    application: Pool, practices: list[Practice]
) -> None:
    # given
    pool = practices[0].pool
    opt_out = await kept(application)
    async with lists_in_hand(practices[0]):
        carrying = asyncio.create_task(carry_out(application, opt_out))

        async def cut() -> bool:
            return bool(
                await pool.fetchval(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and wait_event = 'advisory'"
                )
            )

        # when
        await until(cut)
    await carrying
    # then
    assert await blocked(practices) == [True, True, True]
    assert await pending_opt_outs(application) == []


@pytest.mark.parametrize("error", ["40P01", "40001", "XX000", "57P01", "08006"])
async def test_a_block_is_tried_again_after_a_transient_error(
    application: Pool, practices: list[Practice], error: str
) -> None:
    # given
    await blocks_fail(practices[1], error, times=2)
    # when
    await carry_out(application, await kept(application))
    # then
    assert await blocked(practices) == [True, True, True]


async def test_a_practice_that_fails_stays_pending_and_the_others_are_blocked(
    application: Pool, practices: list[Practice]
) -> None:
    # given
    await blocks_fail(practices[0], "P0001", times=1)
    opt_out = await kept(application)
    # when
    with pytest.raises(ExceptionGroup) as raised:
        await carry_out(application, opt_out)
    after_one = await blocked(practices), await pending_opt_outs(application)
    await carry_out(application, opt_out)
    # then
    assert [type(error) for error in raised.value.exceptions] == [asyncpg.RaiseError]
    assert after_one == ([False, True, True], [opt_out])
    assert await blocked(practices) == [True, True, True]
    assert await pending_opt_outs(application) == []


async def done_but_for_one(application: Pool, practices: list[Practice]) -> int:
    """Keep an opt-out whose first practice fails to block the number."""
    await blocks_fail(practices[0], "P0001", times=1)
    opt_out = await kept(application)
    with pytest.raises(ExceptionGroup):
        await carry_out(application, opt_out)
    return opt_out


async def test_another_try_leaves_a_number_alone_that_staff_unblocked_meanwhile(
    application: Pool, practices: list[Practice]
) -> None:
    # given
    opt_out = await done_but_for_one(application, practices)
    await practices[1].unblock()
    # when
    await carry_out(application, opt_out)
    # then
    assert await blocked(practices) == [True, False, True]


async def test_a_repeated_opt_out_blocks_a_number_that_staff_unblocked_meanwhile(
    application: Pool, practices: list[Practice]
) -> None:
    # given
    opt_out = await done_but_for_one(application, practices)
    await practices[1].unblock()
    # when
    await kept(application)
    await carry_out(application, opt_out)
    # then
    assert await blocked(practices) == [True, True, True]


async def test_keeping_an_opt_out_is_given_up_in_time_if_the_database_is_out_of_reach(
    application: Pool, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(opt_outs, "PATIENCE", 0.3)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table opt_outs in access exclusive mode")
        # when / then
        with pytest.raises(TimeoutError):
            await kept(application)


async def test_a_connection_that_ends_just_before_its_use_is_no_failure(
    practices: list[Practice], database_url: str
) -> None:
    # given
    async with (
        late_ends(as_application(database_url)) as (url, way),
        await open_pool(url, name="ended", connections=1) as application,
    ):
        opt_out = await kept(application)
        await way.end(practices[0].pool, "recalls ended")
        # when
        await carry_out(application, opt_out)
    # then
    assert await blocked(practices) == [True, True, True]
