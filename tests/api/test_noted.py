"""Tests of what the trail tells of who reads and who is refused, and that it has a bound."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from db import notes
from db.tokens import Role, create_token, new_secret, revoke_token
from tests.api.test_audit import events
from tests.api.test_audit_export import exported
from tests.support.operations import NODE, OPERATIONS, PREVIEW, RECALLS, SEND
from tests.support.practice import MOBILE, a_mobile, a_practice
from tests.support.served import Served
from tests.support.simulated import until

WHO = "{ viewer { name } }"
SHOWN = OPERATIONS["peopleShown"]


async def noted(served: Served, *actions: str, count: int = 1) -> list[dict[str, Any]]:
    """Give the events of the actions, newest first, as soon as there are so many."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        found[:] = await events(served, actions=list(actions))
        return len(found) >= count

    await until(there)
    return found


async def refused(served: Served, token: str, origin: str = "127.0.0.1") -> None:
    with pytest.raises(aiohttp.ClientResponseError, match="401"):
        await asked(served, token, WHO, origin)


async def asked(served: Served, token: str, document: str = WHO, origin: str = "127.0.0.1") -> Any:
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": origin}
    body = {"query": document}
    async with served.http.post("/graphql", json=body, headers=headers) as answer:
        answer.raise_for_status()
        return await answer.json()


async def a_token(served: Served, name: str, role: Role = Role.RECEPTIONIST) -> tuple[str, str]:
    """Make a token; gives its id and itself."""
    practice = served.practice
    token = await create_token(practice.pool, practice.id, name, role)
    [row] = [t for t in await served.query(OPERATIONS["accessTokens"]) if t["name"] == name]
    return row["id"], token


async def test_a_revoked_token_that_is_used_again_is_in_the_trail(noting: Served) -> None:
    # given
    id_, token = await a_token(noting, "Left us")
    await revoke_token(noting.practice.pool, noting.practice.id, int(id_.split(":")[1]))
    # when
    await refused(noting, token, "203.0.113.9")
    # then
    [event] = await noted(noting, "SIGN_IN_REFUSED")
    assert (event["actor"], event["actorKind"], event["actorId"]) == ("Left us", "TOKEN", id_)
    assert (event["role"], event["origin"]) == (None, "203.0.113.9")
    assert event["details"] is None


async def test_so_is_one_that_has_expired(noting: Served) -> None:
    # given
    practice = noting.practice
    past = datetime.now(UTC) - timedelta(seconds=1)
    token = await create_token(practice.pool, practice.id, "Late", Role.ADMIN, expires_at=past)
    # when
    await refused(noting, token)
    # then
    [event] = await noted(noting, "SIGN_IN_REFUSED")
    assert (event["actor"], event["actorKind"]) == ("Late", "TOKEN")


async def test_made_up_tokens_are_one_event_of_the_practice_they_name(noting: Served) -> None:
    # given
    made_up = [new_secret(noting.practice.id) for _ in range(20)]
    # when
    for token in made_up:
        await refused(noting, token)
    # then
    [event] = await noted(noting, "SIGN_IN_REFUSED")
    assert (event["actor"], event["actorKind"], event["actorId"]) == ("Stranger", "STRANGER", None)
    rows = await noting.practice.pool.fetch("select e::text from audit_events e")
    assert not any(token[-43:] in str(row) for token in made_up for row in rows)


async def test_how_many_there_were_is_told_in_the_end(served: Served) -> None:
    # given
    practice = served.practice
    async with served.again() as other:
        # when
        for _ in range(7):
            await refused(other, new_secret(practice.id))
    # then
    [event] = await noted(served, "SIGN_IN_REFUSED")
    assert json.loads(event["details"]) == {"times": 7}


async def test_tokens_of_no_practice_leave_nothing_anywhere(noting: Served) -> None:
    # when
    await refused(noting, new_secret(999_999_999))
    await refused(noting, new_secret(noting.practice.id))
    # then
    await noted(noting, "SIGN_IN_REFUSED")
    count = "select count(*) from audit_events where action = 'SIGN_IN_REFUSED'"
    assert await noting.practice.pool.fetchval(count) == 1


async def test_a_stranger_with_many_addresses_leaves_no_more_than_a_few(served: Served) -> None:
    # when
    async with served.again() as other:
        for number in range(notes.MOST_ALIKE + 5):
            token = new_secret(served.practice.id)
            await refused(other, token, f"203.0.113.{number}")
    # then
    found = await noted(served, "SIGN_IN_REFUSED")
    assert len(found) == notes.MOST_ALIKE + 1
    [rest] = [event for event in found if event["origin"] is None]
    assert json.loads(rest["details"]) == {"times": 5}


async def test_another_practice_is_told_nothing_of_it(noting: Served) -> None:
    # given
    other = await a_practice(noting.practice.pool)
    theirs = await create_token(noting.practice.pool, other.id, "Theirs", Role.ADMIN)
    await refused(noting, new_secret(noting.practice.id))
    await noted(noting, "SIGN_IN_REFUSED")
    # when
    page = await noting.query(
        OPERATIONS["auditEvents"], {"filter": {"actions": ["SIGN_IN_REFUSED"]}}, token=theirs
    )
    # then
    assert page["nodes"] == []


@pytest.mark.parametrize(
    "document",
    [
        "{ accessTokens { name } }",
        "{ AnnSmith: accessTokens { name } }",
        '{ accessTokens { name } __type(name: "Role") { name } }',
    ],
    ids=["plain", "alias", "not compiled"],
)
async def test_what_is_not_for_the_role_is_in_the_trail_by_the_fields_name(
    noting: Served, document: str
) -> None:
    # given
    id_, token = await a_token(noting, "Curious")
    # when
    await asked(noting, token, document)
    # then
    [event] = await noted(noting, "FORBIDDEN")
    assert (event["actorId"], event["subject"]) == (id_, "accessTokens")
    assert (event["role"], event["origin"]) == ("RECEPTIONIST", "127.0.0.1")


@pytest.mark.parametrize("field", ["createToken", "saveCategory"])
async def test_so_is_a_mutation(noting: Served, field: str) -> None:
    # given
    name = 'mutation { createToken(input: {name: "X", role: ADMIN}) { __typename } }'
    category = (
        'mutation { saveCategory(input: {name: "x", reasons: [], urgencies: [], smsTemplate: "x",'
        " automated: false, steps: []}) { __typename } }"
    )
    document = {"createToken": name, "saveCategory": category}[field]
    # when
    await asked(noting, noting.tokens[Role.RECEPTIONIST], document)
    # then
    [event] = await noted(noting, "FORBIDDEN")
    assert (event["actor"], event["subject"]) == ("Receptionist", field)


async def test_so_is_a_subscription_and_what_goes_over_a_websocket(noting: Served) -> None:
    # when
    async with noting.operations(noting.tokens[Role.CONNECTOR]) as operations:
        await anext(operations.run("subscription { changes }"))
        await operations.all("{ viewer { name } }")
    # then
    found = await noted(noting, "FORBIDDEN", count=2)
    assert {event["subject"] for event in found} == {"changes", "viewer"}


async def test_what_goes_over_a_websocket_is_counted_once(served: Served) -> None:
    # when
    async with (
        served.again() as other,
        other.operations(served.tokens[Role.CONNECTOR]) as operations,
    ):
        for document in ("subscription { changes }", "{ viewer { name } }"):
            for _ in range(3):
                await operations.all(document)
    # then
    found = await noted(served, "FORBIDDEN", count=2)
    assert [json.loads(event["details"]) for event in found] == [{"times": 3}] * 2


async def test_so_is_what_is_asked_for_as_events(noting: Served) -> None:
    # when
    token = noting.tokens[Role.CONNECTOR]
    async with noting.events("subscription { changes }", token=token) as stream:
        await anext(stream.stream)
    # then
    [event] = await noted(noting, "FORBIDDEN")
    assert event["subject"] == "changes"


async def test_so_is_an_export(noting: Served) -> None:
    # when
    status, _ = await exported(noting, {}, Role.RECEPTIONIST)
    # then
    assert status == 403
    [event] = await noted(noting, "FORBIDDEN")
    assert (event["actor"], event["subject"]) == ("Receptionist", "/exports/audit")


async def test_to_ask_again_and_again_is_one_event(served: Served) -> None:
    # when
    async with served.again() as other:
        for _ in range(30):
            await asked(other, served.tokens[Role.RECEPTIONIST], "{ accessTokens { name } }")
    # then
    [event] = await noted(served, "FORBIDDEN")
    assert json.loads(event["details"]) == {"times": 30}


async def test_that_the_trail_was_read_is_in_it_once_for_a_filter(noting: Served) -> None:
    # given
    _, token = await a_token(noting, "Auditor", Role.ADMIN)
    filters = [{"actor": "Kim"}, {"actor": "Kim"}, {"actor": "Lee"}, {"actor": "Kim"}]
    # when
    for given in filters:
        await noting.query(OPERATIONS["auditEvents"], {"filter": given}, token=token)
    # then
    [one, two] = [
        event
        for event in await noted(noting, "AUDIT_VIEWED", count=3)
        if event["actor"] == "Auditor"
    ]
    assert {json.loads(event["details"])["actor"] for event in (one, two)} == {"Kim", "Lee"}


async def test_with_however_many_filters_the_trail_is_read_few_events_tell_of_it(
    served: Served,
) -> None:
    # when
    async with served.again() as other:
        for number in range(3 * notes.MOST_ALIKE):
            await events(other, actor=f"Somebody {number}")
    # then
    found = [e for e in await noted(served, "AUDIT_VIEWED") if e["actor"] == "Admin"]
    assert len(found) == notes.MOST_ALIKE + 1
    times = [json.loads(event["details"]).get("times", 1) for event in found]
    assert sorted(times) == [1] * notes.MOST_ALIKE + [2 * notes.MOST_ALIKE]


async def shown(served: Served, **expected: int) -> dict[str, Any]:
    """Give the counts of the receptionist, as soon as they are so many."""
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
    # then whom the number reaches is shown as well
    await shown(noting, people=1, lists=2, searches=3)


async def test_people_in_other_lists_are_counted_too(noting: Served) -> None:
    # given two of one number, who are listed, in a run, and in the trail
    practice, token = noting.practice, noting.tokens[Role.RECEPTIONIST]
    recalls = [f"Recall:{await practice.recall(await practice.patient())}" for _ in range(2)]
    await noting.call(SEND, recallIds=recalls, idempotencyKey="k")
    await practice.block(MOBILE)
    counted = 0
    for field, document, variables, people in (
        ("runs", "{ runs { nodes { attempts { nodes { mobile } } } } }", None, 2),
        (
            "blockedCommunications",
            "{ blockedCommunications { nodes { mobile patients { lastName } } } }",
            None,
            3,  # the number, and whom it reaches
        ),
        (
            "recalls",
            "{ recalls { nodes { patient { sharesMobileWith { lastName } } } } }",
            None,
            4,  # each, and with whom they share it
        ),
    ):
        # when
        del field
        await noting.query(document, variables, token=token)
        counted += people
        # then
        await shown(noting, people=counted)


async def test_a_previews_drafts_are_counted(noting: Served) -> None:
    # given
    recall = f"Recall:{await noting.practice.recall()}"
    # when
    document = PREVIEW
    await noting.query(document, {"recallIds": [recall]}, token=noting.tokens[Role.RECEPTIONIST])
    # then
    await shown(noting, people=1, lists=0)


async def test_a_record_that_is_opened_is_an_event_and_no_count(noting: Served) -> None:
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


async def test_no_read_waits_for_what_is_noted_of_it(noting: Served) -> None:
    # given
    await noting.query(WHO, token=noting.tokens[Role.RECEPTIONIST])
    async with noting.practice.pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table people_shown, audit_events in exclusive mode")
        # when
        for _ in range(20):
            await noting.query(RECALLS, token=noting.tokens[Role.RECEPTIONIST])
    # then
    await shown(noting, lists=20)


async def test_what_was_noted_is_written_down_when_the_process_ends(served: Served) -> None:
    # given
    async with served.again() as other:
        # when
        await other.query(RECALLS, token=served.tokens[Role.RECEPTIONIST])
    # then
    await shown(served, lists=1)


@pytest.fixture
async def synced(served: Served) -> list[dict[str, Any]]:
    """Three patients as the connector sent them."""
    rows = [
        {
            "pmsId": f"s{number}", "firstName": "Ann", "lastName": "Smith",
            "mobile": a_mobile(), "smsConsent": True,
        }
        for number in range(3)
    ]  # fmt: skip
    await served.query(
        OPERATIONS["syncPatients"], {"input": rows}, token=served.tokens[Role.CONNECTOR]
    )
    return rows


async def test_a_sync_tells_who_sent_it_and_what_it_changed(
    served: Served, synced: list[dict[str, Any]]
) -> None:
    # given
    ann, ben, cleo = synced
    rows = [
        ann | {"mobile": a_mobile(), "smsConsent": False},
        ben | {"status": "DECEASED", "lastName": "Jones"},
        cleo,
        {"pmsId": "new", "firstName": "Dan", "lastName": "Lee", "mobile": MOBILE},
    ]
    # when
    await served.query(
        OPERATIONS["syncPatients"], {"input": rows}, token=served.tokens[Role.CONNECTOR]
    )
    # then
    [event, first] = await events(served, actions=["PMS_SYNCED"])
    assert (event["actor"], event["role"], event["origin"]) == (
        "Connector", "CONNECTOR", "127.0.0.1",
    )  # fmt: skip
    assert event["actorId"].startswith("AccessToken:")
    assert json.loads(event["details"]) == {
        "rows": "patients", "inserted": 1, "updated": 2, "names": 1, "mobiles": 1, "toNumbers": 1,
        "consents": 1, "statuses": 1,
    }  # fmt: skip
    assert json.loads(first["details"]) == {"rows": "patients", "inserted": 3}


async def test_a_sync_that_changes_nothing_leaves_nothing(
    served: Served, synced: list[dict[str, Any]]
) -> None:
    # when
    for _ in range(2):
        await served.query(
            OPERATIONS["syncPatients"], {"input": synced}, token=served.tokens[Role.CONNECTOR]
        )
    # then
    assert len(await events(served, actions=["PMS_SYNCED"])) == 1


async def test_to_point_everybodys_mobile_at_one_phone_shows(
    served: Served, synced: list[dict[str, Any]]
) -> None:
    # when
    rows = [row | {"mobile": MOBILE} for row in synced]
    await served.query(
        OPERATIONS["syncPatients"], {"input": rows}, token=served.tokens[Role.CONNECTOR]
    )
    # then
    [event, _] = await events(served, actions=["PMS_SYNCED"])
    told = json.loads(event["details"])
    assert (told["mobiles"], told["toNumbers"]) == (3, 1)


async def test_a_sync_of_recalls_tells_what_it_changed(
    served: Served, synced: list[dict[str, Any]]
) -> None:
    # given
    del synced
    recall = {"pmsId": "r", "patientPmsId": "s0", "reason": "Mole", "dueDate": "2026-11-23"}
    other = recall | {"pmsId": "r2"}
    for rows in (
        [recall, other],
        # when
        [recall | {"completed": True, "dueDate": "2027-01-01"}, other | {"patientPmsId": "s1"}],
    ):
        await served.query(
            OPERATIONS["syncRecalls"], {"input": rows}, token=served.tokens[Role.CONNECTOR]
        )
    # then
    [event, *_] = await events(served, actions=["PMS_SYNCED"])
    assert json.loads(event["details"]) == {
        "rows": "recalls", "updated": 2, "patients": 1, "dueDates": 1, "completed": 1,
    }  # fmt: skip
