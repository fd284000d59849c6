"""Tests that histories identify actors by a lasting id, whatever their names."""

import csv
import io
from typing import Any

import pytest

from core.identity import Role
from db.tokens import create_token
from tests.api.test_audit_export import exported
from tests.support.audit import events
from tests.support.identity_provider import Provider
from tests.support.operations import BLOCK, NODE, OPERATIONS, SEND, STOP
from tests.support.practice import MOBILE, a_mobile
from tests.support.served import Served

NAME = "Priya (reception)"


@pytest.fixture
async def namesakes(served: Served) -> dict[str, str]:
    """The tokens of two people with the same name, by token id."""
    practice = served.practice
    tokens = [
        await create_token(practice.pool, practice.id, NAME, Role.RECEPTIONIST) for _ in range(2)
    ]
    rows = await served.query(OPERATIONS["accessTokens"])
    ids = [row["id"] for row in rows if row["name"] == NAME]
    return dict(zip(ids, tokens, strict=True))


def who(row: dict[str, Any]) -> tuple[Any, Any, Any]:
    return row["actor"], row["actorKind"], row["actorId"]


async def test_two_people_with_the_same_name_are_told_apart_in_the_trail(
    served: Served, namesakes: dict[str, str]
) -> None:
    # when
    for token in namesakes.values():
        await served.call(BLOCK, token=token, mobile=a_mobile())
    # then
    found = [who(event) for event in await events(served, actions=["BLOCK_CHANGED"])]
    assert found == [(NAME, "TOKEN", id_) for id_ in reversed(namesakes)]


async def test_the_trail_can_be_filtered_by_actor_id(
    served: Served, namesakes: dict[str, str]
) -> None:
    # given
    for token in namesakes.values():
        await served.call(BLOCK, token=token, mobile=a_mobile())
    # when
    for id_ in namesakes:
        found = await events(served, actorId=id_)
        # then
        assert [event["action"] for event in found] == ["BLOCK_CHANGED", "SIGNED_IN"]
        assert {event["actorId"] for event in found} == {id_}


@pytest.mark.parametrize("given", ["Recall:1", "AccessToken", "7"])
async def test_an_invalid_actor_id_is_refused_and_the_field_named(
    served: Served, given: str
) -> None:
    # when
    answer = await served.ask(OPERATIONS["auditEvents"], {"filter": {"actorId": given}})
    # then
    [error] = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "filter.actorId"}


async def test_a_numbers_history_tells_namesakes_apart(
    served: Served, namesakes: dict[str, str]
) -> None:
    # when
    for ticked, token in enumerate(namesakes.values()):
        await served.call(BLOCK, token=token, mobile=MOBILE, blockedRecalls=bool(ticked))
    # then
    [entry] = (await served.query(OPERATIONS["blockedCommunications"]))["nodes"]
    assert [who(event) for event in entry["history"]] == [
        (NAME, "TOKEN", id_) for id_ in reversed(namesakes)
    ]


async def test_a_run_and_its_messages_tell_namesakes_apart(
    served: Served, namesakes: dict[str, str]
) -> None:
    for id_, token in namesakes.items():
        # given
        recall = await served.practice.recall(await served.practice.patient(mobile=a_mobile()))
        # when
        run = await served.call(
            SEND, token=token, recallIds=[f"Recall:{recall}"], idempotencyKey=id_
        )
        # then
        [message] = [edge["node"] for edge in run["attempts"]["edges"]]
        assert who(run) == who(message) == (NAME, "TOKEN", id_)


async def test_a_recorded_call_tells_namesakes_apart(
    served: Served, namesakes: dict[str, str]
) -> None:
    # given
    recall = f"Recall:{await served.practice.recall()}"
    # when
    for token in namesakes.values():
        await served.call(
            OPERATIONS["recordContactAttempt"], token=token, recallId=recall, kind="PHONE"
        )
    # then
    node = await served.query(NODE, {"id": recall})
    assert [who(call) for call in node["attempts"]] == [(NAME, "TOKEN", id_) for id_ in namesakes]


async def test_the_export_tells_namesakes_apart(served: Served, namesakes: dict[str, str]) -> None:
    # given
    for token in namesakes.values():
        await served.call(BLOCK, token=token, mobile=a_mobile())
    first, _ = namesakes
    # when
    _, everybody = await exported(served, {"actions": ["BLOCK_CHANGED"]})
    _, one = await exported(served, {"actions": ["BLOCK_CHANGED"], "actorId": first})
    # then
    for content, expected in ((everybody, reversed(namesakes)), (one, [first])):
        rows = list(csv.DictReader(io.StringIO(content)))
        assert [(row["actorKind"], row["actorId"]) for row in rows] == [
            ("TOKEN", id_) for id_ in expected
        ]


async def test_an_export_by_an_invalid_actor_id_is_refused_and_the_field_named(
    served: Served,
) -> None:
    # when
    status, content = await exported(served, {"actorId": "Run:1"})
    # then
    assert status == 400
    assert "actorId" in content


async def test_an_actor_that_never_signs_in_is_identified_by_kind(served: Served) -> None:
    # given
    await served.practice.recall()
    # when
    await served.reply(MOBILE, "STOP")
    # then
    [stopped] = await events(served, actions=["BLOCK_CHANGED"])
    made = await events(served, actions=["TOKEN_CREATED"])
    [entry] = (await served.query(OPERATIONS["blockedCommunications"]))["nodes"]
    assert who(stopped) == who(entry["history"][0]) == ("Patient", "PATIENT", None)
    assert {who(event) for event in made} == {("Host", "HOST", None)}


async def test_automation_has_no_actor(served: Served) -> None:
    # given
    practice = served.practice
    recall = await practice.recall()
    await practice.pool.execute(
        "update practices set send_from = '00:00', send_until = '23:59:59', next_run_at = now()"
    )
    # when
    await practice.begin_scheduled_runs()
    await practice.plan()
    # then
    [run] = (await served.query(OPERATIONS["runs"]))["nodes"]
    node = await served.query(NODE, {"id": f"Recall:{recall}"})
    [event] = await events(served, actions=["RECALLS_SENT"])
    assert who(run) == who(node["attempts"][0]) == (None, None, None)
    assert who(event) == ("Schedule", "SCHEDULE", None)


async def test_a_message_that_is_set_apart_keeps_its_actor(
    served: Served, namesakes: dict[str, str]
) -> None:
    # given a message with two recalls
    practice = served.practice
    patient = await practice.patient()
    recalls = [f"Recall:{await practice.recall(patient)}" for _ in range(2)]
    [(id_, token), _] = namesakes.items()
    await served.call(SEND, token=token, recallIds=recalls, idempotencyKey="k", holdSeconds=60)
    # when
    await served.call(OPERATIONS["markNoFurtherAction"], recallIds=recalls[:1])
    await served.holds_run_out()
    await served.work()
    # then
    for recall in recalls:
        node = await served.query(NODE, {"id": recall})
        assert {who(attempt) for attempt in node["attempts"]} == {(NAME, "TOKEN", id_)}


async def test_somebody_called_host_at_the_provider_is_not_taken_for_the_host(
    idp: Provider, signing: Served
) -> None:
    # given
    token = idp.token(name="Host", recalls_role="ADMIN")
    # when
    await signing.call(OPERATIONS["savePreferences"], token=token, smsRepeatDays=9)
    # then
    [person] = await signing.query(OPERATIONS["people"])
    [event] = await events(signing, actions=["SETUP_CHANGED"], actorId=person["id"])
    assert who(event) == ("Host", "PERSON", person["id"])


async def test_a_person_who_changes_their_name_at_the_provider_is_found_by_their_id(
    idp: Provider, signing: Served
) -> None:
    # when
    for name in ("Priya Nair", "Practice manager"):
        token = idp.token(name=name, recalls_role="ADMIN")
        await signing.call(OPERATIONS["blockMobile"], token=token, mobile=a_mobile())
    # then
    [person] = await signing.query(OPERATIONS["people"])
    found = await events(signing, actions=["BLOCK_CHANGED"], actorId=person["id"])
    assert [event["actor"] for event in found] == ["Practice manager", "Priya Nair"]


@pytest.mark.parametrize(
    "name",
    [
        "Host", "host", " HOST ", "H o s t", "Ho\u200bst", "\uff28\uff4f\uff53\uff54", "Ho\u017ft",
        "Host.", "H\u00f3st", "Patient", "PATIENT", "Gateway", "Schedule", "The schedule",
        "Stranger", "Automated run",
    ],
)  # fmt: skip
async def test_no_token_may_be_named_like_an_actor_without_a_token(
    served: Served, name: str
) -> None:
    # when
    answer = await served.call(OPERATIONS["createToken"], name=name, role="RECEPTIONIST")
    # then
    assert (answer["__typename"], answer["message"]) == (
        "InvalidToken",
        "name: Choose another name. Recalls uses this one itself.",
    )


@pytest.mark.parametrize("name", ["Hosty", "Patient care", "Gateway clinic", "\u4f50\u85e4", "-"])
async def test_other_names_are_accepted(served: Served, name: str) -> None:
    # when
    answer = await served.call(OPERATIONS["createToken"], name=name, role="RECEPTIONIST")
    # then
    assert answer["accessToken"]["name"] == name


async def test_an_event_older_than_actor_ids_is_shown_without_one(served: Served) -> None:
    # given an event that an earlier release wrote
    practice = served.practice
    await practice.pool.execute(
        "insert into audit_events (practice_id, actor, role, action)"
        " values ($1, 'Kim', 'ADMIN', 'SIGNED_IN')",
        practice.id,
    )
    # when
    [event] = await events(served, actor="Kim")
    # then
    assert who(event) == ("Kim", None, None)


async def test_a_stopped_runs_event_says_who_stopped_it(
    served: Served, namesakes: dict[str, str]
) -> None:
    # given
    recall = f"Recall:{await served.practice.recall()}"
    run = await served.call(SEND, recallIds=[recall], idempotencyKey="k")
    [_, (id_, token)] = namesakes.items()
    # when
    await served.call(STOP, token=token, runId=run["id"])
    # then
    [event] = await events(served, actions=["RUN_STOPPED"])
    assert who(event) == (NAME, "TOKEN", id_)
