"""Tests that a tab's count is the number of recalls that the tab lists."""

from typing import Any

import pytest

from db import tab_counts
from db.recalls import RecallQuery, count_recalls, count_recalls_by_tab, list_recalls
from tests.support.practice import Practice, a_mobile, a_practice

TABS = ("TO_ACTION", "CALLS", "LETTERS", "WAITING", "NEEDS_ATTENTION")


@pytest.fixture(params=["few attempts", "many attempts"])
def attempts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the practice count as one with few attempts, then as one with many."""
    if request.param == "many attempts":
        monkeypatch.setattr(tab_counts, "FEW_ATTEMPTS", 0)


async def counted_and_listed(practice: Practice, **query: Any) -> list[tuple[int, int]]:
    """Return each tab's count, and how many recalls its list has."""
    found = []
    for tab in TABS:
        asked = RecallQuery(tab=tab, **query)
        rows = await list_recalls(
            practice.reader, practice.id, asked, first=100, after=None, columns=["id"]
        )
        found.append((await count_recalls(practice.reader, practice.id, asked), len(rows)))
    [together] = await count_recalls_by_tab(practice.reader, practice.id, RecallQuery(**query))
    assert [together[tab.lower()] for tab in TABS] == [count for count, _ in found]
    return found


async def recalls_of_all_kinds(practice: Practice) -> None:
    """Make recalls that are in each tab or none, with and without attempts."""
    calls = await practice.category(
        category_id=None, name="Calls", reasons=["Blood test"], steps=["PHONE", "SMS"]
    )
    assert calls
    blocked, consenting = a_mobile(), a_mobile()
    sms = await practice.patient(mobile=consenting)
    for reason in ("Skin check", "Blood test", "Other"):
        await practice.recall(sms, reason=reason)
        await practice.recall(sms, reason=reason, due_date=practice.due(-300))
        await practice.recall(sms, reason=reason, due_date=practice.due(60))
        await practice.recall(sms, reason=reason, completed=True)
        await practice.close(await practice.recall(sms, reason=reason))
        await practice.recall(await practice.patient(mobile=None), reason=reason)
        await practice.recall(await practice.patient(mobile=blocked), reason=reason)
        await practice.recall(await practice.patient(status="DECEASED"), reason=reason)
        called = await practice.recall(reason=reason)
        await practice.contact(called, "PHONE")
    await practice.block(blocked)
    used = await practice.patient(mobile=a_mobile())
    again = await practice.recall(used, pms_id="again", due_date=practice.due(-300))
    for kind in ("PHONE", "PHONE", "LETTER"):
        await practice.contact(again, kind)
    await practice.automate()
    await practice.deliver()
    await practice.days_pass(30)
    await practice.recall(used, pms_id="again", due_date=practice.due(-300), completed=True)
    await practice.recall(used, pms_id="again", due_date=practice.due())
    resting = await practice.recall(await practice.patient(mobile=a_mobile()))
    await practice.send(resting)
    await practice.deliver()
    refused = await practice.recall(await practice.patient(mobile=a_mobile()))
    also_refused = await practice.recall(await practice.patient(mobile=a_mobile()))
    await practice.send(refused, also_refused)
    await practice.deliver("FAILED")
    await practice.send(await practice.recall(await practice.patient(mobile=a_mobile())))


@pytest.mark.usefixtures("attempts")
async def test_tabs_count_what_they_list(practice: Practice) -> None:
    # given
    await recalls_of_all_kinds(practice)

    # when
    found = await counted_and_listed(practice)

    # then
    assert all(count == listed > 1 for count, listed in found), found


@pytest.mark.usefixtures("attempts")
@pytest.mark.parametrize(
    "name", ["category_ids", "blocked", "not blocked", "reasons", "due", "search"]
)
async def test_filtered_tabs_count_what_they_list(practice: Practice, name: str) -> None:
    # given
    await recalls_of_all_kinds(practice)
    categories = await practice.pool.fetch(
        "select id from categories where practice_id = $1 order by id", practice.id
    )
    queries: dict[str, dict[str, Any]] = {
        "category_ids": {"category_ids": [categories[-1]["id"]]},
        "blocked": {"blocked": True},
        "not blocked": {"blocked": False},
        "reasons": {"reasons": ["BLOCKED_COMMUNICATION", "PATIENT_DECEASED"]},
        "search": {"search": "ann 0491"},
        "due": {"due_from": practice.due(-1), "due_to": practice.due(1)},
    }

    # when
    found = await counted_and_listed(practice, **queries[name])

    # then
    assert all(count == listed for count, listed in found), found
    assert any(listed for _, listed in found)


@pytest.mark.usefixtures("attempts")
async def test_another_practices_recalls_are_not_counted(practice: Practice) -> None:
    # given
    other = await a_practice(practice.pool)
    await other.recall()
    await other.send(await other.recall())

    # when
    found = await counted_and_listed(practice)

    # then
    assert found == [(0, 0)] * len(TABS)
