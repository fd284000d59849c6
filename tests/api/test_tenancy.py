"""Tests that a practice sees and touches nothing of another's."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, build_schema
from graphql.type.definition import get_named_type

from core.identity import Role
from db.tokens import create_token
from schema.snapshot import SNAPSHOT
from tests.support.operations import (
    AUTOMATE,
    CLOSE,
    NODE,
    OPERATIONS,
    PREVIEW,
    RECALLS,
    SEND,
    STOP,
    TICK,
    UNLIST,
)
from tests.support.practice import MOBILE, Practice, a_practice
from tests.support.served import Served


@dataclass
class Theirs:
    """Practice A's objects, by type, and a token of practice B's admin."""

    ids: dict[str, str]
    token: str
    other: Practice


@pytest.fixture
async def theirs(served: Served) -> Theirs:
    """Practice A with one of everything, and practice B with nothing but its category."""
    practice = served.practice
    recall = f"Recall:{await practice.recall(await practice.patient('p'), pms_id='r')}"
    run = await served.call(SEND, recallIds=[recall], idempotencyKey="a")
    entry = await served.call(OPERATIONS["blockMobile"], mobile=MOBILE, blockedRecalls=True)
    node = await served.query(NODE, {"id": recall})
    other = await a_practice(practice.pool, name="Elsewhere")
    return Theirs(
        ids={
            "Recall": recall,
            "Patient": node["patient"]["id"],
            "Category": node["category"]["id"],
            "ContactAttempt": node["attempts"][0]["id"],
            "Run": run["id"],
            "BlockedCommunication": entry["id"],
            "Practice": f"Practice:{practice.id}",
        },
        token=await create_token(practice.pool, other.id, "Other admin", Role.ADMIN),
        other=other,
    )


async def test_every_type_of_node_is_found_by_its_own_practice(
    served: Served, theirs: Theirs
) -> None:
    # when
    found = {kind: await served.query(NODE, {"id": id_}) for kind, id_ in theirs.ids.items()}
    # then
    assert {kind: (n["__typename"], n["id"]) for kind, n in found.items()} == {
        kind: (kind, id_) for kind, id_ in theirs.ids.items()
    }


async def test_no_node_of_another_practice_is_found(served: Served, theirs: Theirs) -> None:
    # when
    found = [await served.query(NODE, {"id": i}, token=theirs.token) for i in theirs.ids.values()]
    # then
    assert found == [None] * len(theirs.ids)


async def test_another_practices_recalls_are_unknown(served: Served, theirs: Theirs) -> None:
    # given one of B's own among them
    own = f"Recall:{await theirs.other.recall()}"
    recall = theirs.ids["Recall"]
    several = {"recallIds": [own, recall]}
    calls: list[tuple[str, dict[str, Any]]] = [
        (SEND, several | {"idempotencyKey": "b"}),
        (CLOSE, several),
        (OPERATIONS["reopenRecalls"], several),
        (
            OPERATIONS["recordContactAttempts"],
            several | {"kind": "PHONE", "idempotencyKey": "c"},
        ),
        (OPERATIONS["recordContactAttempt"], {"recallId": recall, "kind": "PHONE"}),
    ]
    for document, given in calls:
        # when
        answer = await served.call(document, token=theirs.token, **given)
        # then
        assert (answer["__typename"], answer["recallIds"]) == ("UnknownRecalls", [recall])
    preview = await served.query(PREVIEW, {"recallIds": [own, recall]}, token=theirs.token)
    assert (preview["__typename"], preview["recallIds"]) == ("UnknownRecalls", [recall])
    [node] = (await served.query(RECALLS, token=theirs.token))["nodes"]
    assert (node["state"], node["attempts"]) == ("TO_ACTION", [])


async def test_another_practices_category_cant_be_saved_or_run(
    served: Served, theirs: Theirs
) -> None:
    # given
    category = await served.query(NODE, {"id": theirs.ids["Category"]})
    draft = {key: value for key, value in category.items() if key != "__typename"}
    draft |= {"name": "Taken over", "reasons": [], "urgencies": []}
    await served.practice.recall()
    # when
    saved = await served.call(OPERATIONS["saveCategory"], token=theirs.token, **draft)
    run = await served.call(
        AUTOMATE, token=theirs.token, categoryIds=[category["id"]], idempotencyKey="b"
    )
    # then
    assert saved["__typename"] == "InvalidCategory"
    assert (run["__typename"], run["refusals"]) == ("NothingToSend", [])
    assert await served.query(NODE, {"id": category["id"]}) == category


async def test_another_practices_run_cant_be_watched(served: Served, theirs: Theirs) -> None:
    # when
    async with served.operations(theirs.token) as operations:
        [answer] = await operations.all(OPERATIONS["runProgress"], {"id": theirs.ids["Run"]})
    # then
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_another_practices_run_cant_be_stopped(served: Served, theirs: Theirs) -> None:
    # when
    answer = await served.call(STOP, token=theirs.token, runId=theirs.ids["Run"])
    # then
    assert answer["__typename"] == "UnknownRun"
    run = await served.query(NODE, {"id": theirs.ids["Run"]})
    assert run["runState"] == "SENDING"
    [known] = (await served.query(OPERATIONS["runs"]))["nodes"]
    assert known["stoppedAt"] is None


async def test_lists_show_nothing_of_another_practice(served: Served, theirs: Theirs) -> None:
    # when
    lists = {
        name: await served.query(OPERATIONS[name], token=theirs.token)
        for name in ("recalls", "runs", "blockedCommunications")
    }
    [category] = await served.query(OPERATIONS["categories"], token=theirs.token)
    preview = await served.query(OPERATIONS["automatedRunPreview"], token=theirs.token)
    filtered = await served.query(
        RECALLS, {"filter": {"categoryIds": [theirs.ids["Category"]]}}, token=theirs.token
    )
    # then
    assert {name: (found["nodes"], found["totalCount"]) for name, found in lists.items()} == (
        dict.fromkeys(lists, ([], 0))
    )
    assert category["id"] != theirs.ids["Category"]
    assert (preview["messages"], preview["refusals"]) == (0, [])
    assert filtered["nodes"] == []
    assert (await served.query(OPERATIONS["practice"], token=theirs.token))["name"] == "Elsewhere"


async def test_another_practices_blocks_are_not_listed_and_dont_block(
    served: Served, theirs: Theirs
) -> None:
    # given a patient of B's with the number that A blocks
    recall = await theirs.other.recall()
    # when
    ticked = await served.call(TICK, token=theirs.token, mobile=MOBILE, blocked=False)
    unlisted = await served.call(UNLIST, token=theirs.token, mobile=MOBILE)
    node = await served.query(NODE, {"id": f"Recall:{recall}"}, token=theirs.token)
    known = await served.query(OPERATIONS["checkMobile"], {"mobile": MOBILE}, token=theirs.token)
    # then
    assert [patient["id"] for patient in known["patients"]] == [node["patient"]["id"]]
    assert known["blockedCommunication"] is None
    assert ticked["__typename"] == unlisted["__typename"] == "NotListed"
    assert node["smsStatus"]["blocked"] is False
    assert node["patient"]["sharesMobileWith"] == []
    own = await served.query(NODE, {"id": theirs.ids["BlockedCommunication"]})
    assert own["blockedRecalls"] is True


async def test_the_same_pms_ids_in_two_practices_dont_collide(
    served: Served, theirs: Theirs
) -> None:
    # given
    patient = {"pmsId": "p", "firstName": "Other", "lastName": "Person"}
    recall = {"pmsId": "r", "patientPmsId": "p", "reason": "Other", "dueDate": "2026-11-23"}
    # when
    taken = [
        await served.query(OPERATIONS[name], {"input": [row]}, token=theirs.token)
        for name, row in (("syncPatients", patient), ("syncRecalls", recall))
    ]
    # then
    assert [answer["inserted"] for answer in taken] == [1, 1]
    own = await served.query(NODE, {"id": theirs.ids["Recall"]})
    assert (own["reason"], own["patient"]["firstName"]) == ("Skin check", "Ann")


async def test_the_key_of_another_practices_call_stands_for_nothing(
    served: Served, theirs: Theirs
) -> None:
    # given the key that A used
    recall = await theirs.other.recall()
    # when
    run = await served.call(
        SEND, token=theirs.token, recallIds=[f"Recall:{recall}"], idempotencyKey="a"
    )
    # then
    assert run["__typename"] == "Run"
    assert run["id"] != theirs.ids["Run"]


# The schema's arguments that take ids, with the ids' types. A test below finds missing ones.
TAKES_IDS: dict[str, tuple[str, str]] = {
    "node.id": ("*", '{{ node(id: "{id}") {{ id }} }}'),
    "recalls.filter.categoryIds": (
        "Category",
        '{{ recalls(filter: {{categoryIds: ["{id}"]}}) {{ totalCount nodes {{ id }} }} }}',
    ),
    "recallCounts.filter.categoryIds": (
        "Category",
        '{{ recallCounts(filter: {{categoryIds: ["{id}"]}}) {{ toAction all }} }}',
    ),
    "auditEvents.filter.patientId": (
        "Patient",
        '{{ auditEvents(filter: {{patientId: "{id}"}}) {{ totalCount nodes {{ id }} }} }}',
    ),
    "auditEvents.filter.actorId": (
        "AccessToken",
        '{{ auditEvents(filter: {{actorId: "{id}"}}) {{ totalCount nodes {{ id }} }} }}',
    ),
    "sendRecalls.input.confirmedRecallIds": (
        "Recall",
        'mutation {{ sendRecalls(input: {{recallIds: ["{id}"], confirmedRecallIds: ["{id}"],'
        ' proceedWithoutConsent: true, idempotencyKey: "{id}"}})'
        " {{ __typename ... on UnknownRecalls {{ message recallIds }} }} }}",
    ),
    "sendRecalls.input.recallIds": (
        "Recall",
        'mutation {{ sendRecalls(input: {{recallIds: ["{id}"], idempotencyKey: "{id}"}})'
        " {{ __typename ... on UnknownRecalls {{ message recallIds }} }} }}",
    ),
    "sendPreview.recallIds": (
        "Recall",
        '{{ sendPreview(recallIds: ["{id}"])'
        " {{ __typename ... on UnknownRecalls {{ message recallIds }} }} }}",
    ),
    "stopRun.input.runId": (
        "Run",
        'mutation {{ stopRun(input: {{runId: "{id}"}})'
        " {{ __typename ... on Problem {{ message }} }} }}",
    ),
    "markNoFurtherAction.input.recallIds": (
        "Recall",
        'mutation {{ markNoFurtherAction(input: {{recallIds: ["{id}"]}})'
        " {{ __typename ... on UnknownRecalls {{ message recallIds }} }} }}",
    ),
    "recordConsentChecks.input.patientIds": (
        "Patient",
        'mutation {{ recordConsentChecks(input: {{patientIds: ["{id}"]}})'
        " {{ __typename ... on UnknownPatients {{ message patientIds }} }} }}",
    ),
    "removeConsentChecks.input.patientIds": (
        "Patient",
        'mutation {{ removeConsentChecks(input: {{patientIds: ["{id}"]}})'
        " {{ __typename ... on UnknownPatients {{ message patientIds }} }} }}",
    ),
    "recordContactAttempts.input.recallIds": (
        "Recall",
        'mutation {{ recordContactAttempts(input: {{recallIds: ["{id}"], kind: PHONE,'
        ' idempotencyKey: "{id}"}})'
        " {{ __typename ... on UnknownRecalls {{ message recallIds }} }} }}",
    ),
    "reopenRecalls.input.recallIds": (
        "Recall",
        'mutation {{ reopenRecalls(input: {{recallIds: ["{id}"]}})'
        " {{ __typename ... on UnknownRecalls {{ message recallIds }} }} }}",
    ),
    "undoContactAttempts.input.attemptIds": (
        "ContactAttempt",
        'mutation {{ undoContactAttempts(input: {{attemptIds: ["{id}"]}})'
        " {{ __typename ... on UnknownContactAttempts {{ message attemptIds }} }} }}",
    ),
    "recordContactAttempt.input.recallId": (
        "Recall",
        'mutation {{ recordContactAttempt(input: {{recallId: "{id}", kind: PHONE}})'
        " {{ __typename ... on UnknownRecalls {{ message recallIds }} }} }}",
    ),
    "startAutomatedRun.input.categoryIds": (
        "Category",
        'mutation {{ startAutomatedRun(input: {{categoryIds: ["{id}"], idempotencyKey: "{id}"}})'
        " {{ __typename ... on NothingToSend {{ message refusals {{ count }} }} }} }}",
    ),
    "saveCategory.input.id": (
        "Category",
        'mutation {{ saveCategory(input: {{id: "{id}", name: "X", reasons: [], urgencies: [],'
        ' smsTemplate: "Hi", automated: false, steps: []}})'
        " {{ __typename ... on Problem {{ message }} }} }}",
    ),
    "revokeToken.input.id": (
        "AccessToken",
        'mutation {{ revokeToken(input: {{id: "{id}"}})'
        " {{ __typename ... on Problem {{ message }} }} }}",
    ),
    "revokePerson.input.id": (
        "Person",
        'mutation {{ revokePerson(input: {{id: "{id}"}})'
        " {{ __typename ... on Problem {{ message }} }} }}",
    ),
    "restorePerson.input.id": (
        "Person",
        'mutation {{ restorePerson(input: {{id: "{id}"}})'
        " {{ __typename ... on Problem {{ message }} }} }}",
    ),
    "endSession.input.id": (
        "Session",
        'mutation {{ endSession(input: {{id: "{id}"}})'
        " {{ __typename ... on Problem {{ message }} }} }}",
    ),
    "runProgress.runId": ("Run", 'subscription {{ runProgress(runId: "{id}") {{ id }} }}'),
}


def takes_ids() -> set[str]:
    """Return the arguments, and the fields of their inputs, that take ids."""
    schema = build_schema(SNAPSHOT.read_text())
    found = set()
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert root is not None
        for name, field in root.fields.items():
            for argument, declared in field.args.items():
                of = get_named_type(declared.type)
                if of.name == "ID":
                    found.add(f"{name}.{argument}")
                if isinstance(of, GraphQLInputObjectType):
                    found |= {
                        f"{name}.{argument}.{inner}"
                        for inner, inner_field in of.fields.items()
                        if get_named_type(inner_field.type).name == "ID"
                    }
    return found


def test_every_argument_that_takes_an_id_is_tried() -> None:
    # when / then
    assert set(TAKES_IDS) == takes_ids()


async def a_person(practice: Practice) -> str:
    """Insert a person who signed in through a provider and is kept out; return their id."""
    key = await practice.pool.fetchval(
        "insert into people (practice_id, issuer, subject, name, role, revoked_at)"
        " values ($1, 'https://id.example', 's', 'Ada', 'ADMIN', now()) returning id",
        practice.id,
    )
    return f"Person:{key}"


@pytest.mark.parametrize("argument", TAKES_IDS)
async def test_an_id_of_another_practice_is_answered_like_one_that_doesnt_exist(
    served: Served, theirs: Theirs, argument: str
) -> None:
    # given
    kind, document = TAKES_IDS[argument]
    tokens = await served.query("{ accessTokens { id } }")
    session = (await served.query(OPERATIONS["startSession"]))["session"]
    ids = theirs.ids | {
        "AccessToken": tokens[0]["id"],
        "Session": session["id"],
        "Person": await a_person(served.practice),
    }
    before = await everything(theirs)
    for known in ids.values() if kind == "*" else [ids[kind]]:
        missing = f"{known.split(':')[0]}:99999"
        # when
        answers = [
            await answered(served, document.format(id=key), theirs.token)
            for key in (known, missing)
        ]
        # then
        assert answers[0].replace(known, missing) == answers[1]
    assert await everything(theirs) == before


async def answered(served: Served, document: str, token: str) -> str:
    if not document.startswith("subscription"):
        return json.dumps(await served.ask(document, token=token))
    async with served.operations(token) as operations:
        return json.dumps(await operations.all(document))


async def everything(theirs: Theirs) -> list[str]:
    """Return all rows but those of practice B, which signs in, so that any change is seen."""
    pool, found = theirs.other.pool, []
    tables = await pool.fetch(
        "select table_name from information_schema.columns"
        " where column_name = 'practice_id' and table_schema = 'public' order by 1"
    )
    for (table,) in tables:
        rows = await pool.fetch(
            f"select t::text from {table} t where practice_id <> $1 order by 1",  # noqa: S608
            theirs.other.id,
        )
        found += [f"{table}: {row[0]}" for row in rows]
    return found
