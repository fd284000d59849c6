"""Tests of who comes first: no run, however large, keeps another's message waiting."""

from db.delivery import A_PERSON_WAITS, Settlement, claim_messages, settle_messages
from db.rows import Pool
from tests.support.practice import Practice, a_mobile, a_practice


async def with_chunks(practice: Practice, count: int, size: int = 1) -> None:
    """Plan an automated run of so many chunks."""
    for _ in range(count * size):
        await practice.recall(await practice.patient(mobile=a_mobile()))
    await practice.automate()
    await practice.pool.execute(
        """
        insert into chunks (practice_id, run_id, position, priority)
          select practice_id, run_id, generate_series(1, $2 - 1), priority from chunks
          where practice_id = $1
        """,
        practice.id,
        count,
    )
    await practice.pool.execute(
        """
        update contact_attempts a set position = n.position
        from (select id, (row_number() over (order by id) - 1) / $2 as position
              from contact_attempts where practice_id = $1) n
        where a.practice_id = $1 and a.id = n.id
        """,
        practice.id,
        size,
    )


async def claimed(pool: Pool, **claim: int) -> tuple[int, int]:
    """Claim, settle as sent, and give the practice and how many messages there were."""
    taken = await claim_messages(pool, lease=10, **claim)
    assert taken is not None
    await settle_messages(
        pool,
        taken,
        [Settlement(message.attempt_id, "SENT", "SM1") for message in taken.messages],
        retry_after=0,
    )
    return taken.practice_id, len(taken.messages)


async def test_two_practices_take_turns(practice: Practice) -> None:
    # given
    other = await a_practice(practice.pool)
    await with_chunks(practice, 4)
    await with_chunks(other, 4)
    # when
    order = [(await claimed(practice.pool))[0] for _ in range(8)]
    # then
    for turn in range(0, 8, 2):
        assert set(order[turn : turn + 2]) == {practice.id, other.id}


async def test_a_small_run_is_not_kept_waiting_by_one_that_began_before(
    practice: Practice,
) -> None:
    # given
    await with_chunks(practice, 6)
    for _ in range(3):
        await claimed(practice.pool)
    other = await a_practice(practice.pool)
    await with_chunks(other, 1)
    # when
    first, _ = await claimed(practice.pool)
    # then
    assert first == other.id


async def test_a_claim_takes_no_more_than_was_asked_for_and_leaves_the_rest(
    practice: Practice,
) -> None:
    # given
    await with_chunks(practice, 1, size=5)
    # when
    sizes = [(await claimed(practice.pool, most=2))[1] for _ in range(3)]
    # then
    assert sizes == [2, 2, 1]
    assert await claim_messages(practice.pool, lease=10) is None
    assert await practice.pool.fetchval("select state from runs") == "FINISHED"


async def test_a_claim_for_people_takes_nothing_that_nobody_waits_for(practice: Practice) -> None:
    # given
    await with_chunks(practice, 1)
    # then
    assert await claim_messages(practice.pool, lease=10, lowest=A_PERSON_WAITS) is None
