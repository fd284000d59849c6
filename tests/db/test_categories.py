"""Tests of categories: what they may link and say, and that a link is never ambiguous."""

import asyncio
from typing import Any

import pytest

from core.identity import Actor
from db.categories import (
    CategoryDraft,
    InvalidCategoryError,
    InvalidTemplateError,
    check_template,
    get_categories,
    list_categories,
    save_category,
)
from tests.support.practice import Practice, a_practice


async def save(practice: Practice, category_id: int | None = None, **facts: Any) -> int:
    """Save a category for moles, with ``facts`` in place of the defaults."""
    draft: dict[str, Any] = {"name": "Moles", "reasons": ["Mole"], "category_id": category_id}
    return await practice.category(**draft | facts)


async def test_a_category_is_returned_as_it_was_saved(practice: Practice) -> None:
    # given
    draft = CategoryDraft(
        None, " Moles ", ["Mole", " Naevus "], ["Urgent"], "{reason}", False, ["PHONE", "SMS"]
    )

    # when
    row = await save_category(practice.pool, practice.id, draft, actor=Actor("Manager"))

    # then
    assert (row["name"], row["reasons"], row["urgencies"]) == (
        "Moles",
        ["Mole", "Naevus"],
        ["Urgent"],
    )
    assert (row["sms_template"], row["automated"], row["steps"]) == (
        "{reason}",
        False,
        ["PHONE", "SMS"],
    )


async def test_links_keep_their_order_and_lose_duplicates(practice: Practice) -> None:
    # when
    category = await save(practice, reasons=["b", "A", "B", "a ", "c"])

    # then
    [row] = await get_categories(practice.pool, practice.id, [category])
    assert row["reasons"] == ["b", "A", "c"]


async def test_changing_a_category_replaces_its_links(practice: Practice) -> None:
    # given
    category = await save(practice, reasons=["Mole", "Naevus"])

    # when
    same = await save(practice, category, name="Naevi", reasons=["Naevus", "Spot"])

    # then
    [row] = await get_categories(practice.pool, practice.id, [category])
    assert same == category
    assert (row["name"], row["reasons"]) == ("Naevi", ["Naevus", "Spot"])


async def test_a_removed_link_is_free_for_another_category(practice: Practice) -> None:
    # given
    category = await save(practice)
    await save(practice, category, reasons=[])

    # when
    other = await save(practice, name="Spots")

    # then
    [row] = await get_categories(practice.pool, practice.id, [other])
    assert row["reasons"] == ["Mole"]


async def test_a_reason_belongs_to_one_category(practice: Practice) -> None:
    # when / then
    with pytest.raises(InvalidCategoryError, match=r"'Skin check' is already in 'Skin checks'"):
        await save(practice, reasons=["Mole", "SKIN CHECK"])
    assert [row["name"] for row in await list_categories(practice.pool, practice.id)] == [
        "Skin checks"
    ]


async def test_an_urgency_belongs_to_one_category(practice: Practice) -> None:
    # given
    await save(practice, urgencies=["Urgent"])

    # when / then
    with pytest.raises(InvalidCategoryError, match="urgencies: 'Urgent'"):
        await save(practice, name="Spots", reasons=[], urgencies=["urgent"])


async def test_a_word_may_be_one_categorys_reason_and_anothers_urgency(practice: Practice) -> None:
    # given
    await save(practice, reasons=["Urgent"])

    # when
    other = await save(practice, name="Spots", reasons=[], urgencies=["Urgent"])

    # then
    assert len(await get_categories(practice.pool, practice.id, [other])) == 1


async def test_only_one_of_the_categories_saved_at_once_gets_the_reason(practice: Practice) -> None:
    # when
    answers = await asyncio.gather(
        *(save(practice, name=f"Moles {number}") for number in range(5)), return_exceptions=True
    )

    # then
    assert sum(isinstance(answer, int) for answer in answers) == 1
    assert sum(isinstance(answer, InvalidCategoryError) for answer in answers) == 4


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"name": "  "}, "name"),
        ({"name": "a\0"}, "name"),
        ({"name": "a\ud800"}, "name"),
        ({"name": "Skin checks"}, "name"),
        ({"reasons": ["Mole", " "]}, "reasons"),
        ({"reasons": ["a\0"]}, "reasons"),
        ({"urgencies": [""]}, "urgencies"),
        ({"steps": ["SMS"] * 21}, "steps"),
        ({"automated": True, "steps": ["PHONE"]}, "automated"),
        ({"automated": True, "steps": []}, "automated"),
        ({"category_id": 999}, "id"),
    ],
)
async def test_an_invalid_field_is_named_and_nothing_changes(
    practice: Practice, facts: dict[str, Any], named: str
) -> None:
    # when
    with pytest.raises(InvalidCategoryError, match=rf"\b{named}\b"):
        await save(practice, **facts)

    # then
    assert len(await list_categories(practice.pool, practice.id)) == 1


async def test_another_practices_category_cannot_be_changed(practice: Practice) -> None:
    # given
    neighbour = await a_practice(practice.pool)
    category = await save(neighbour)

    # when / then
    with pytest.raises(InvalidCategoryError, match="not a category of this practice"):
        await save(practice, category, name="Stolen")
    assert await get_categories(practice.pool, practice.id, [category]) == []


@pytest.mark.parametrize(
    "template",
    [
        "Hi {firstName}, {practiceName}: {reason} {dueDate} {practicePhone}",
        "no placeholder at all",
        "100% {reason}",
        "a" * 1000,
        "😀",
    ],
)
def test_a_template_that_can_be_filled_is_accepted(template: str) -> None:
    # when / then
    check_template(template)


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("", []),
        ("  \n", []),
        ("a" * 1001, []),
        ("a\0", []),
        ("a\ud800", []),
        ("{", []),
        ("a }", []),
        ("{firstName", []),
        ("{first{reason}Name}", []),
        ("{{firstName}}", []),
        ("{firstname}", ["firstname"]),
        ("{}", [""]),
        ("{ reason }", [" reason "]),
        ("{a} {b} {a} {reason}", ["a", "b"]),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(template: str, unknown: list[str]) -> None:
    # when
    with pytest.raises(InvalidTemplateError) as refused:
        check_template(template)

    # then
    assert refused.value.unknown == unknown
