"""Tests of the names that processes of the previous release call until they are restarted."""

import pytest

from db.delivery import Settlement, claim_messages, settle_messages
from tests.support.practice import Practice

LATERAL = """
  select r.id, s.* from recalls r
  join practices pr on pr.id = r.practice_id
  left join categories c on c.practice_id = r.practice_id and c.id = r.category_id
  cross join lateral logic.{name}(pr, logic.today(pr.time_zone), r.id, r.round, r.completed,
    r.no_further_action_at is not null, r.due_date, c.steps, r.sms_reason) s
  where r.practice_id = $1 order by r.id
"""
VIEW = "select * from logic.{name} where practice_id = $1 order by recall_id"


@pytest.mark.parametrize(
    ("query", "before", "now"),
    [(LATERAL, "standing_of", "status_of"), (VIEW, "recall_standing", "recall_status")],
)
async def test_a_recalls_status_is_read_under_its_former_name(
    practice: Practice, query: str, before: str, now: str
) -> None:
    # given
    for mobile in ("0491 570 006", None):
        await practice.recall(await practice.patient(mobile=mobile))
    # when
    [former, present] = [
        await practice.reader.fetch(query.format(name=name), practice.id) for name in (before, now)
    ]
    # then
    assert len(former) == 2
    # The former one has all that the previous release reads.
    for row, new in zip(former, present, strict=True):
        assert dict(row).items() <= dict(new).items()


async def test_a_lock_by_its_former_name_excludes_who_takes_it_by_the_new_one(
    practice: Practice,
) -> None:
    async with practice.pool.acquire() as connection, connection.transaction():
        # when
        await connection.execute("select logic.lock_facts($1)", practice.id)
        # then
        assert not await practice.pool.fetchval(
            "select pg_try_advisory_xact_lock(4, $1)", practice.id
        )


async def test_an_unknown_message_is_claimed_by_the_former_name(practice: Practice) -> None:
    # given
    await practice.send(await practice.recall())
    claim = await claim_messages(practice.pool, lease=10, most=1)
    assert claim is not None
    [message] = claim.messages
    unknown = [Settlement(message.attempt_id, "UNKNOWN")]
    await settle_messages(practice.pool, claim, unknown, retry_after=0, look_after=0)
    # when
    rows = await practice.pool.fetch("select * from logic.take_unknown('1 min')")
    # then
    assert [(row["attempt_id"], row["mobile"]) for row in rows] == [
        (message.attempt_id, message.mobile)
    ]
