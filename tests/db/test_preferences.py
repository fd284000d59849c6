"""Tests of a practice's preferences: which are valid, and that they take effect at once."""

import asyncpg
import pytest

from core.identity import Actor
from db.practices import InvalidPreferencesError, get_practice, list_practices, save_preferences
from db.types import Pool
from tests.support.practice import Practice, a_practice


async def test_a_new_practice_has_the_default_preferences(practice: Practice) -> None:
    # when
    row = await get_practice(practice.pool, practice.id)

    # then
    assert (
        row["first_contact_days"],
        row["sms_repeat_days"],
        row["letter_repeat_days"],
        row["phone_repeat_days"],
    ) == (14, 3, 10, 2)
    assert row["pms_consent_readable"]


async def test_best_practice_has_no_consent_to_read(pool: Pool) -> None:
    # given
    practice = await a_practice(pool, pms_product="BEST_PRACTICE")

    # when / then
    assert not (await get_practice(pool, practice.id))["pms_consent_readable"]


async def test_only_the_named_preferences_change(practice: Practice) -> None:
    # given
    before = dict(await get_practice(practice.pool, practice.id))

    # when
    after = await save_preferences(
        practice.pool, practice.id, {"sms_repeat_days": 5}, actor=Actor("Manager")
    )

    # then
    assert dict(after) == before | {"sms_repeat_days": 5}


async def test_a_shorter_wait_takes_effect_at_once(practice: Practice) -> None:
    # given
    recall = await practice.recall(due_date=practice.due(30))
    before = await practice.state_and_tab(recall)

    # when
    await save_preferences(
        practice.pool, practice.id, {"first_contact_days": 30}, actor=Actor("Manager")
    )

    # then
    assert (before[0], (await practice.state_and_tab(recall))[0]) == ("WAITING", "TO_ACTION")


async def test_a_neighbours_preferences_stay_the_same(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)

    # when
    await save_preferences(
        practice.pool, practice.id, {"sms_repeat_days": 5}, actor=Actor("Manager")
    )

    # then
    assert (await get_practice(neighbour.pool, neighbour.id))["sms_repeat_days"] == 3
    assert [row["id"] for row in await list_practices(practice.pool)] == [practice.id, neighbour.id]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"first_contact_days": -1}, "firstContactDays"),
        ({"first_contact_days": 366}, "firstContactDays"),
        ({"sms_repeat_days": 0}, "smsRepeatDays"),
        ({"letter_repeat_days": 0}, "letterRepeatDays"),
        ({"phone_repeat_days": 2**40}, "phoneRepeatDays"),
        ({"send_from": "9:00"}, "sendFrom"),
        ({"send_from": "24:00"}, "sendFrom"),
        ({"send_until": "16:00:01"}, "sendUntil"),
        ({"send_until": "٠٩:٠٠"}, "sendUntil"),
        ({"send_from": "16:00"}, "sendFrom"),
        ({"send_from": "12:00", "send_until": "11:00"}, "sendFrom"),
    ],
)
async def test_an_invalid_preference_is_named_and_nothing_changes(
    practice: Practice, changes: dict[str, int | str], named: str
) -> None:
    # given
    before = await get_practice(practice.pool, practice.id)

    # when
    with pytest.raises(InvalidPreferencesError, match=named):
        await save_preferences(
            practice.pool, practice.id, {"letter_repeat_days": 9, **changes}, actor=Actor("Manager")
        )

    # then
    assert await get_practice(practice.pool, practice.id) == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"letter_repeat_days": 400}, "letterRepeatDays: Enter a number from 1 to 365."),
        ({"send_from": "23:00"}, "sendFrom: The start must be before the end."),
    ],
)
async def test_an_invalid_preference_is_explained_in_words_that_the_portal_knows(
    practice: Practice, changes: dict[str, int | str], told: str
) -> None:
    # when
    with pytest.raises(InvalidPreferencesError) as raised:
        await save_preferences(practice.pool, practice.id, changes, actor=Actor("Manager"))
    # then: the portal's PreferencesPage.test.tsx starts from these texts
    assert str(raised.value) == told


async def test_the_shortest_and_the_longest_waits_are_kept(practice: Practice) -> None:
    # when
    row = await save_preferences(
        practice.pool,
        practice.id,
        {"first_contact_days": 0, "sms_repeat_days": 365},
        actor=Actor("Manager"),
    )

    # then
    assert (row["first_contact_days"], row["sms_repeat_days"]) == (0, 365)


@pytest.mark.parametrize(
    "facts",
    [
        {"time_zone": "Australia/Nowhere"},
        {"name": ""},
        {"phone_region": "Australia"},
        {"pms_product": "PAPER"},
    ],
)
async def test_a_practice_that_makes_no_sense_is_not_created(
    pool: Pool, facts: dict[str, str]
) -> None:
    # when / then
    with pytest.raises(asyncpg.PostgresError):
        await a_practice(pool, **facts)
    assert await list_practices(pool) == []
