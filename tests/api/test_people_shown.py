"""Tests that people shown to each viewer in lists are counted, and that no read waits for that."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.identity import Role
from db.tokens import create_token
from tests.api.test_noted import WHO, asked
from tests.support.operations import CLOSE, NODE, OPERATIONS, PREVIEW, RECALLS, SEND
from tests.support.practice import MOBILE, a_practice
from tests.support.served import Served
from tests.support.simulated import until

SHOWN = OPERATIONS["peopleShown"]


async def shown(served: Served, **expected: int) -> dict[str, Any]:
    """Return the receptionist's counts, once they are as expected."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        rows = (await served.query(SHOWN))["nodes"]
        found[:] = [row for row in rows if row["actor"] == "Receptionist"]
        return [{name: row[name] for name in expected} for row in found] == [expected]

    await until(there)
    return found[0]


@pytest.mark.parametrize("beside", ["", '__type(name: "Role") { name }'], ids=["compiled", "not"])
async def test_people_shown_in_lists_are_counted_by_viewer_and_hour(
    noting: Served, beside: str
) -> None:
    # given
    await noting.practice.many(30)
    token = noting.tokens[Role.RECEPTIONIST]
    for first in (20, 5):
        # when
        document = (
            f"{{ recalls(first: {first}) {{ nodes {{ patient {{ lastName }} }} }} {beside} }}"
        )
        await asked(noting, token, document)
    # then
    row = await shown(noting, people=25, lists=2, searches=0)
    tokens = await noting.query(OPERATIONS["accessTokens"])
    [id_] = [token["id"] for token in tokens if token["name"] == "Receptionist"]
    assert (row["actorKind"], row["actorId"]) == ("TOKEN", id_)
    hour = datetime.fromisoformat(row["hour"])
    assert timedelta(0) <= datetime.now(UTC) - hour < timedelta(hours=1, minutes=1)


async def test_searches_are_counted(noting: Served) -> None:
    # given
    await noting.practice.patient(last_name="Nair")
    token = noting.tokens[Role.RECEPTIONIST]
    # when
    await noting.query(RECALLS, {"filter": {"search": "nair"}}, token=token)
    await noting.query(OPERATIONS["blockedCommunications"], {"search": "nair"}, token=token)
    await noting.query(OPERATIONS["checkMobile"], {"mobile": MOBILE}, token=token)
    # then the patient that the number reaches is shown as well
    await shown(noting, people=1, lists=2, searches=3)


async def test_people_in_other_lists_are_counted_too(noting: Served) -> None:
    # given two patients with one number, who are listed, in a run, and in the trail
    practice, token = noting.practice, noting.tokens[Role.RECEPTIONIST]
    recalls = [f"Recall:{await practice.recall(await practice.patient())}" for _ in range(2)]
    await noting.call(SEND, recallIds=recalls, idempotencyKey="k")
    await practice.block(MOBILE)
    counted = 0
    for document, people in (
        ("{ runs { nodes { attempts { nodes { mobile } } } } }", 2),
        (
            "{ blockedCommunications { nodes { mobile patients { lastName } } } }",
            3,  # the number, and the patients that it reaches
        ),
        (
            "{ recalls { nodes { patient { sharesMobileWith { lastName } } } } }",
            4,  # each patient, and the one who shares their number
        ),
    ):
        # when
        await noting.query(document, token=token)
        counted += people
        # then
        await shown(noting, people=counted)


async def test_a_previews_drafts_are_counted(noting: Served) -> None:
    # given
    recall = f"Recall:{await noting.practice.recall()}"
    # when
    await noting.query(PREVIEW, {"recallIds": [recall]}, token=noting.tokens[Role.RECEPTIONIST])
    # then
    await shown(noting, people=1, lists=0)


async def test_opening_a_record_is_an_event_and_is_not_counted(noting: Served) -> None:
    # given
    recall = f"Recall:{await noting.practice.recall()}"
    token = noting.tokens[Role.RECEPTIONIST]
    # when
    await noting.query(NODE, {"id": recall}, token=token)
    await noting.query(RECALLS, token=token)
    # then
    await shown(noting, people=1, lists=1)


async def test_the_counts_of_another_practice_are_not_seen(noting: Served) -> None:
    # given
    other = await a_practice(noting.practice.pool)
    theirs = await create_token(noting.practice.pool, other.id, "Theirs", Role.ADMIN)
    await noting.query(RECALLS, token=noting.tokens[Role.RECEPTIONIST])
    await shown(noting, lists=1)
    # when
    page = await noting.query(SHOWN, token=theirs)
    # then
    assert (page["nodes"], page["totalCount"]) == ([], 0)


async def test_the_counts_are_read_page_by_page(served: Served) -> None:
    # given
    practice = served.practice
    await practice.pool.execute(
        """
        insert into people_shown
          (practice_id, hour, actor_kind, actor_id, people, lists, searches)
        select $1, date_trunc('hour', now()) - make_interval(hours => n), 'TOKEN', 1, n, 1, 0
        from generate_series(1, 5) n
        """,
        practice.id,
    )
    # when
    seen: list[int] = []
    after = None
    for _ in range(3):
        page = await served.query(SHOWN, {"first": 2, "after": after})
        seen += [row["people"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    # then
    assert seen == [1, 2, 3, 4, 5]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (5, False)


async def test_no_read_waits_for_its_counts_and_events_to_be_written(noting: Served) -> None:
    # given
    await noting.query(WHO, token=noting.tokens[Role.RECEPTIONIST])
    async with noting.practice.pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table people_shown, audit_events in exclusive mode")
        # when
        for _ in range(20):
            await noting.query(RECALLS, token=noting.tokens[Role.RECEPTIONIST])
    # then
    await shown(noting, lists=20)


async def test_buffered_counts_are_written_when_the_process_ends(served: Served) -> None:
    # given
    async with served.again() as other:
        # when
        await other.query(RECALLS, token=served.tokens[Role.RECEPTIONIST])
    # then
    await shown(served, lists=1)


async def test_people_shown_by_a_consent_question_or_a_closed_recall_are_counted(
    noting: Served,
) -> None:
    # given two patients whose consent is withheld
    practice, token = noting.practice, noting.tokens[Role.RECEPTIONIST]
    recalls = [
        f"Recall:{await practice.recall(await practice.patient(sms_consent=False))}"
        for _ in range(2)
    ]
    # when
    asked_back = await noting.call(SEND, token=token, recallIds=recalls, idempotencyKey="k")
    # then
    assert asked_back["__typename"] == "ConsentConfirmationRequired"
    await shown(noting, people=2)
    # when their recalls are closed, and closed again
    for _ in range(2):
        await noting.call(CLOSE, token=token, recallIds=recalls)
    # then
    await shown(noting, people=6)
