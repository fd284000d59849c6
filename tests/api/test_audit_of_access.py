"""Tests of the events that sign-ins and opened patients' records leave in the audit trail."""

import pytest

from core.identity import Role
from tests.support.audit import events, ids
from tests.support.operations import NODE, OPERATIONS
from tests.support.served import Served

__all__ = ["ids"]


@pytest.mark.parametrize("directive", ["", "@include(if: true)"], ids=["plain", "directive"])
async def test_opening_a_patients_record_leaves_an_event(
    served: Served, ids: dict[str, str], directive: str
) -> None:
    # given
    document = f"query ($id: ID!) {{ node(id: $id) {{ id {directive} }} }}"
    made = await served.call(
        OPERATIONS["recordContactAttempt"], recallId=ids["recall"], kind="PHONE"
    )
    opened = [ids["recall"], "Patient:1", made["id"]]
    # when
    for id_ in [*opened, "Recall:99999", "Category:1"]:
        await served.query(document, {"id": id_})
    # then
    found = await events(served, actions=["PATIENT_VIEWED"])
    assert [event["subject"] for event in reversed(found)] == opened
    assert {event["patient"]["id"] for event in found} == {"Patient:1"}


async def test_a_record_is_not_shown_if_its_event_cant_be_written(
    served: Served, ids: dict[str, str]
) -> None:
    # given
    await served.practice.pool.execute(
        "alter table audit_events add check (action <> 'PATIENT_VIEWED')"
    )
    # when
    answer = await served.ask(NODE, {"id": ids["recall"]})
    # then
    assert answer["data"] == {"node": None}


async def test_a_sign_in_leaves_one_event(served: Served) -> None:
    # when
    for _ in range(3):
        await served.query("{ viewer { name } }", token=served.tokens[Role.RECEPTIONIST])
    # then
    [event] = await events(served, actions=["SIGNED_IN"], actor="Receptionist")
    assert (event["role"], event["origin"]) == ("RECEPTIONIST", "127.0.0.1")


async def test_a_token_is_noticed_at_another_address_while_its_holder_reads(
    served: Served,
) -> None:
    # given
    async def read(**headers: str) -> None:
        headers |= {"Authorization": f"Bearer {served.tokens[Role.RECEPTIONIST]}"}
        body = {"query": "{ recalls { nodes { id } } }"}
        async with served.http.post("/graphql", json=body, headers=headers) as answer:
            assert (await answer.json())["data"]["recalls"] == {"nodes": []}

    await read()
    # when
    await read(**{"X-Forwarded-For": "203.0.113.9"})
    # then
    found = await events(served, actions=["SIGNED_IN"], actor="Receptionist")
    assert [event["origin"] for event in found] == ["203.0.113.9", "127.0.0.1"]
