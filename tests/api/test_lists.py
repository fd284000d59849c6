"""Tests of the lists: their pages, counts, filters and searches."""

import re
from functools import partial
from typing import Any

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from db.types import Connection
from tests.support.operations import OPERATIONS, RECALLS
from tests.support.practice import MOBILE, a_mobile
from tests.support.served import Served

LANDLINE = "02 9374 4000"


async def walk(served: Served, document: str, first: int, **more: Any) -> list[list[str]]:
    """Go through all pages of a list; return each page's ids."""
    pages: list[list[str]] = []
    after = None
    while True:
        found = await served.query(document, {"first": first, "after": after} | more)
        info = found["pageInfo"]
        ids = [edge["node"]["id"] for edge in found["edges"]]
        assert [node["id"] for node in found["nodes"]] == ids
        assert info["hasPreviousPage"] is (after is not None)
        assert (info["startCursor"], info["endCursor"]) == (
            (found["edges"][0]["cursor"], found["edges"][-1]["cursor"]) if ids else (None, None)
        )
        pages.append(ids)
        if not info["hasNextPage"]:
            return pages
        after = info["endCursor"]


async def test_the_pages_of_recalls_have_each_recall_once_by_due_date(served: Served) -> None:
    # given seven recalls, most of them due on the same day
    practice = served.practice
    days = [0, -1, 0, 0, 2, 0, -1]
    recalls = [await practice.recall(due_date=practice.due(day)) for day in days]
    in_order = [id_ for _, id_ in sorted(zip(days, recalls, strict=True))]
    for first in (1, 2, 3, 7, 8):
        # when
        pages = await walk(served, RECALLS, first)
        # then
        assert [id_ for page in pages for id_ in page] == [f"Recall:{i}" for i in in_order]
        assert {len(page) for page in pages[:-1]} <= {first}
    assert (await served.query(RECALLS, {"first": 2}))["totalCount"] == len(days)


async def test_the_pages_of_the_blocklist_and_of_runs_have_the_newest_first(
    served: Served,
) -> None:
    # given
    practice = served.practice
    for _ in range(5):
        await practice.block(a_mobile())
        await practice.send(await practice.recall(await practice.patient(mobile=a_mobile())))
    for name in ("blockedCommunications", "runs"):
        # when
        pages = await walk(served, OPERATIONS[name], 2)
        # then
        keys = [int(id_.split(":")[1]) for page in pages for id_ in page]
        assert [len(page) for page in pages] == [2, 2, 1]
        assert keys == sorted(keys, reverse=True)
        assert (await served.query(OPERATIONS[name], {"first": 2}))["totalCount"] == len(keys)


async def test_the_pages_of_a_runs_attempts_have_each_attempt_once(served: Served) -> None:
    # given
    practice = served.practice
    recalls = [await practice.recall(await practice.patient(mobile=a_mobile())) for _ in range(5)]
    await practice.send(*recalls)
    document = """query ($first: Int, $after: String) { runs { nodes {
      attempts(first: $first, after: $after) {
        pageInfo { hasNextPage endCursor } totalCount nodes { id }
      }
    } } }"""
    # when
    found: list[str] = []
    after = None
    while True:
        [run] = (await served.query(document, {"first": 2, "after": after}))["nodes"]
        found += [node["id"] for node in run["attempts"]["nodes"]]
        after = run["attempts"]["pageInfo"]["endCursor"]
        if not run["attempts"]["pageInfo"]["hasNextPage"]:
            break
    # then
    assert len(found) == len(set(found)) == run["attempts"]["totalCount"] == len(recalls)


async def test_an_empty_list_has_no_cursors(served: Served) -> None:
    for name in ("recalls", "runs", "blockedCommunications"):
        # when
        pages = await walk(served, OPERATIONS[name], 20)
        # then
        assert pages == [[]]


@pytest.fixture
async def recalls(served: Served) -> dict[str, str]:
    """The ids of recalls that the filters tell apart, by what distinguishes each."""
    practice = served.practice
    await practice.category(
        name="Bloods", reasons=["Blood test"], automated=False, steps=["PHONE", "LETTER"]
    )
    await practice.block()

    async def recall(facts: dict[str, Any], **of_recall: Any) -> str:
        facts = {"first_name": "Zoë", "mobile": a_mobile()} | facts
        return f"Recall:{await practice.recall(await practice.patient(**facts), **of_recall)}"

    found = {
        "plain": await recall({"first_name": "Mary Jane", "last_name": "O'Brien"}),
        "later": await recall({"mobile": "0491 570 158"}, due_date=practice.due(5)),
        "call": await recall({}, reason="Blood test", due_date=practice.due(1)),
        "blocked": await recall({"mobile": MOBILE}, due_date=practice.due(2)),
        "withheld": await recall({"sms_consent": False}, due_date=practice.due(3)),
        "landline": await recall({"mobile": LANDLINE}, due_date=practice.due(4)),
        "completed": await recall({}, due_date=practice.due(6), completed=True),
        "letter": await recall({}, reason="Blood test", due_date=practice.due(7)),
    }
    letter = int(found["letter"].split(":")[1])
    await practice.contact(letter, "PHONE")
    await practice.days_pass(3)
    return found


async def shown(served: Served, **arguments: Any) -> set[str]:
    """Return the ids that a list shows, which must be as many as its total count."""
    found = await served.query(RECALLS, arguments)
    assert found["totalCount"] == len(found["nodes"])
    return {node["id"] for node in found["nodes"]}


async def test_each_tab_shows_its_recalls(served: Served, recalls: dict[str, str]) -> None:
    # when
    tabs = {tab: await shown(served, tab=tab) for tab in ("CALLS", "LETTERS", "TO_ACTION", "ALL")}
    # then: if a number can't take an SMS, its patient gets a letter instead
    assert tabs["CALLS"] == {recalls["call"]}
    assert tabs["LETTERS"] == {recalls[name] for name in ("letter", "blocked", "landline")}
    assert tabs["TO_ACTION"] == {recalls[name] for name in ("plain", "later", "withheld")}
    assert tabs["ALL"] == set(recalls.values()) == await shown(served)


async def test_recalls_are_filtered_by_category(served: Served, recalls: dict[str, str]) -> None:
    # given
    categories = {c["name"]: c["id"] for c in await served.query(OPERATIONS["categories"])}
    # when
    bloods = await shown(served, filter={"categoryIds": [categories["Bloods"]]})
    both = await shown(served, filter={"categoryIds": list(categories.values())})
    # then
    assert bloods == {recalls["call"], recalls["letter"]}
    assert both == set(recalls.values())
    assert await shown(served, filter={"categoryIds": []}) == set()


async def test_recalls_are_filtered_by_due_date_both_days_included(
    served: Served, recalls: dict[str, str]
) -> None:
    # given
    first, last = str(served.practice.due(1)), str(served.practice.due(3))
    # when
    found = await shown(served, filter={"dueFrom": first, "dueTo": last})
    # then
    assert found == {recalls[name] for name in ("call", "blocked", "withheld")}


async def test_recalls_are_filtered_by_what_blocks_them(
    served: Served, recalls: dict[str, str]
) -> None:
    # when
    blocked = await shown(served, filter={"blocked": True})
    free = await shown(served, filter={"blocked": False})
    listed = await shown(served, filter={"reasons": ["BLOCKED_COMMUNICATION", "MOBILE_INVALID"]})
    # then
    assert blocked == {recalls[name] for name in ("blocked", "withheld", "landline")}
    assert free == set(recalls.values()) - blocked
    assert listed == {recalls["blocked"], recalls["landline"]}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("mary", ["plain"]),
        ("JANE o'b", ["plain"]),
        ("brien ma", ["plain"]),
        ("ary", []),
        ("0491 570 158", ["later"]),
        ("+61491570158", ["later"]),
        ("61 491 570 158", ["later"]),
        ("zo 0491570006", ["blocked"]),
        ("%", None),
        ("  ", None),
    ],
)
async def test_recalls_are_searched_by_name_and_number(
    served: Served, recalls: dict[str, str], search: str, found: list[str] | None
) -> None:
    # given: a search without anything to look for finds everything
    expected = set(recalls.values()) if found is None else {recalls[name] for name in found}
    # then
    assert await shown(served, filter={"search": search}) == expected


@pytest.mark.usefixtures("recalls")
async def test_the_blocklist_is_searched_by_number_and_by_the_patients_it_reaches(
    served: Served,
) -> None:
    # given a second number, which reaches nobody
    await served.practice.block("+61491570159")
    searches = ("0491 570", "0491 570 159", "zoe", "zoë", "nobody")
    # when
    found = {
        search: (await served.query(OPERATIONS["blockedCommunications"], {"search": search}))
        for search in searches
    }
    # then
    numbers = {search: {n["mobile"] for n in answer["nodes"]} for search, answer in found.items()}
    assert numbers["0491 570"] == {MOBILE, "+61491570159"}
    assert numbers["0491 570 159"] == {"+61491570159"}
    assert numbers["zoë"] == {MOBILE}
    assert numbers["nobody"] == set()
    assert all(answer["totalCount"] == len(answer["nodes"]) for answer in found.values())


KNOWS_VIEWERS = "access_tokens|audit_events"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement of ours that is sent to PostgreSQL from now on, except the token's."""
    sent: list[str] = []

    def note(record: LoggedQuery) -> None:
        # The viewer is looked up again if the last time is more than a second ago; the driver
        # has statements of its own when it meets a type.
        if "practice_id" in record.query and not re.search(KNOWS_VIEWERS, record.query):
            sent.append(record.query)

    async def logged(connection: Connection) -> None:
        connection.add_query_logger(note)

    monkeypatch.setattr(asyncpg, "create_pool", partial(asyncpg.create_pool, init=logged))
    return sent


async def test_a_page_takes_the_same_number_of_statements_however_many_rows_it_has(
    statements: list[str], served: Served
) -> None:
    # given
    taken = []
    for _ in range(2):
        for _ in range(10):
            await served.practice.contact(await served.practice.recall(), "PHONE")
        statements.clear()
        # when
        found = await served.query(RECALLS, {"first": 20})
        # then
        taken.append(len(statements))
    assert len(found["nodes"]) == 20
    assert all(node["attempts"] and node["category"] for node in found["nodes"])
    # the page, the count, the attempts, their recalls, and the patients who share the mobile
    assert taken == [5, 5]
