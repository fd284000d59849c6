"""Tests of lists without pages: each has a limit, and so has an answer that combines them."""

import itertools
from typing import Any

import pytest

from core.identity import Actor
from db.contacts import record_contacts
from db.recalls import patients_reached, patients_sharing
from db.sync import PatientRow, RecallRow, sync_patients, sync_recalls
from db.types import MAX_EACH
from schema.guard import MAX_ANSWER_BYTES
from schema.limits import Limits
from tests.api.test_limits import COMPLEX
from tests.support.practice import MOBILE, Practice
from tests.support.served import Served

TOO_MANY = f"The answer would have more than {Limits().objects} objects. Ask for less at once."
PEOPLE = 70
NESTED = """
  query ($graphqlCore: Boolean!) {
    recalls(first: 40) { nodes { patient { sharesMobileWith { sharesMobileWith { id } } } } }
    automatedRunPreview @include(if: $graphqlCore) { messages }
  }
"""
SHARED = """
  query ($graphqlCore: Boolean!) {
    recalls(first: 40) { nodes { patient { sharesMobileWith { id } } } }
    automatedRunPreview @include(if: $graphqlCore) { messages }
  }
"""


async def a_family(practice: Practice, size: int) -> None:
    """Sync ``size`` patients with one number, and a recall for each."""
    people = [PatientRow(f"p{n}", "Ann", f"Smith{n:03}", mobile=MOBILE) for n in range(size)]
    await sync_patients(practice.pool, practice.id, people)
    recalls = [RecallRow(f"r{n}", f"p{n}", "Skin check", practice.today) for n in range(size)]
    await sync_recalls(practice.pool, practice.id, recalls)


async def answer(served: Served, document: str, way: str) -> dict[str, Any]:
    variables = {"graphqlCore": way != "compiled"}
    if way != "websocket":
        return await served.ask(document, variables)
    async with served.operations() as operations:
        [found] = await operations.all(document, variables)
        return dict(found)


@pytest.mark.parametrize("way", ["compiled", "graphql-core", "websocket"])
async def test_lists_that_multiply_are_given_up(served: Served, way: str) -> None:
    # given forty recalls' patients, who share a number with seventy, who share it in turn
    await a_family(served.practice, PEOPLE)
    # when
    found = await answer(served, NESTED, way)
    # then
    assert not found.get("data")
    assert [(e["extensions"]["code"], e["message"]) for e in found["errors"]] == [
        (COMPLEX, TOO_MANY)
    ]


@pytest.mark.parametrize("way", ["compiled", "graphql-core", "websocket"])
async def test_a_long_list_is_answered(served: Served, way: str) -> None:
    # given
    await a_family(served.practice, PEOPLE)
    # when
    found = await answer(served, SHARED, way)
    # then
    assert "errors" not in found
    sizes = {len(node["patient"]["sharesMobileWith"]) for node in found["data"]["recalls"]["nodes"]}
    assert sizes == {PEOPLE - 1}


async def test_the_patients_that_a_number_reaches_end_after_a_hundred_by_name(
    practice: Practice,
) -> None:
    # given
    await a_family(practice, MAX_EACH + 20)
    ids = [row["id"] for row in await patients_reached(practice.reader, practice.id, [MOBILE])]
    # when
    sharing = await patients_sharing(practice.reader, practice.id, ids[:2], ["shared_with"])
    # then
    assert len(ids) == MAX_EACH
    groups = itertools.groupby(row["shared_with"] for row in sharing)
    assert [len(list(group)) for _, group in groups] == [MAX_EACH, MAX_EACH]


async def test_only_a_recalls_latest_attempts_are_listed(served: Served) -> None:
    # given
    recall = await served.practice.recall()
    for n in range(MAX_EACH + 1):
        await record_contacts(
            served.practice.pool,
            served.practice.id,
            [recall],
            kind="PHONE",
            note=str(n),
            actor=Actor("Reception"),
        )
    # when
    found = await served.query("{ recalls { nodes { attempts { note } } } }")
    # then
    [node] = found["nodes"]
    assert [attempt["note"] for attempt in node["attempts"]] == [
        str(n) for n in range(1, MAX_EACH + 1)
    ]


async def test_only_a_numbers_latest_history_is_listed(served: Served) -> None:
    # given
    practice = served.practice
    for _ in range(MAX_EACH):
        await practice.block(mobile=MOBILE)
        await practice.unblock(mobile=MOBILE)
    # when
    document = "{ blockedCommunications { nodes { history { at } } } }"
    found = await served.query(document)
    # then
    [node] = found["nodes"]
    assert len(node["history"]) == MAX_EACH


@pytest.mark.parametrize("way", ["compiled", "graphql-core", "websocket"])
async def test_an_answer_is_limited_in_bytes_as_well(served: Served, way: str) -> None:
    # given few objects, with much text in each
    practice = served.practice
    people = [
        PatientRow(f"p{n}", "é" * 500, f"{n:03}" + "é" * 490, mobile=MOBILE) for n in range(70)
    ]
    await sync_patients(practice.pool, practice.id, people)
    recalls = [RecallRow(f"r{n}", f"p{n}", "Skin check", practice.today) for n in range(30)]
    await sync_recalls(practice.pool, practice.id, recalls)
    fields = " ".join(f"a{n}: firstName" for n in range(40))
    document = SHARED.replace("sharesMobileWith { id }", f"sharesMobileWith {{ {fields} }}")
    # when
    found = await answer(served, document, way)
    # then
    told = f"The answer would have more than {MAX_ANSWER_BYTES} bytes. Ask for less at once."
    assert not found.get("data")
    assert [(e["extensions"]["code"], e["message"]) for e in found["errors"]] == [(COMPLEX, told)]
