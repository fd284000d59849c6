"""Tests of sessions: browsers signed in with an access token, and how each session ends."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.viewers import Viewers
from core.identity import Role, Viewer
from db.sessions import MAX_SESSIONS
from db.tokens import create_token, revoke_token, viewer_of
from tests.support.operations import CHANGES, OPERATIONS
from tests.support.practice import a_practice
from tests.support.served import Served
from tests.support.simulated import until

START, END, SESSIONS = (OPERATIONS[n] for n in ("startSession", "endSession", "sessions"))
WHO = "{ viewer { name role } }"
CHANGE = "mutation { __typename }"


async def started(served: Served, token: str | None = None) -> dict[str, Any]:
    answer = await served.query(START, token=token or served.tokens[Role.RECEPTIONIST])
    assert answer["__typename"] == "SessionStarted"
    return dict(answer)


async def opens(served: Served, secret: str, document: str = CHANGE) -> bool:
    errors = await served.errors(document, token=secret)
    assert {code for code, _ in errors} <= {"UNAUTHENTICATED"}
    return not errors


async def ended(served: Served, secret: str, key: str | None = None) -> Any:
    return await served.query(END, {"input": {"id": key}}, token=secret)


async def move(served: Served, *columns: str, by: timedelta) -> None:
    """Move the times in these columns back by that much."""
    moved = ", ".join(f"{name} = {name} - $1::interval" for name in columns)
    await served.practice.pool.execute(f"update sessions set {moved}", by)  # noqa: S608


async def test_a_session_opens_what_its_token_does(served: Served) -> None:
    # when
    secret = (await started(served))["secret"]
    # then
    assert await served.query(WHO, token=secret) == {
        "name": "Receptionist",
        "role": "RECEPTIONIST",
    }
    refused = await served.errors(OPERATIONS["accessTokens"], token=secret)
    assert [code for code, _ in refused] == ["FORBIDDEN"]


async def test_a_session_counts_as_its_token(served: Served) -> None:
    # given
    token = served.tokens[Role.RECEPTIONIST]
    secret = (await started(served))["secret"]
    # when
    viewers = [await viewer_of(served.practice.reader, each) for each in (token, secret)]
    # then: one budget, whichever of the two is used
    assert len({viewer.key for viewer in viewers if viewer}) == 1
    assert None not in viewers


async def test_a_sessions_secret_is_shown_once_and_not_kept(served: Served) -> None:
    # given
    secret = (await started(served))["secret"]
    # when
    kept = await served.practice.pool.fetchval("select string_agg(s::text, ' ') from sessions s")
    # then
    assert secret.rsplit("_", 1)[1] not in kept + str(await served.ask(SESSIONS, token=secret))


async def test_sessions_are_the_viewers_own_and_say_which_is_this_one(served: Served) -> None:
    # given
    first, second = await started(served), await started(served)
    await started(served, served.admin)
    # when
    listed = await served.query(SESSIONS, token=second["secret"])
    # then
    assert [each["id"] for each in listed] == [second["session"]["id"], first["session"]["id"]]
    assert [each["current"] for each in listed] == [True, False]
    assert listed[0]["lastUsedFrom"] == "127.0.0.1"
    begun, ends = (datetime.fromisoformat(listed[0][name]) for name in ("startedAt", "endsAt"))
    assert ends - begun == timedelta(hours=12)


async def test_a_session_starts_no_other(served: Served) -> None:
    # given
    secret = (await started(served))["secret"]
    # when
    answer = await served.query(START, token=secret)
    # then: otherwise sessions would last for ever
    assert answer["__typename"] == "SessionNotNeeded"
    assert len(await served.query(SESSIONS, token=secret)) == 1


@pytest.mark.parametrize("named", [True, False])
async def test_an_ended_session_opens_nothing_but_its_token_still_does(
    served: Served, named: bool
) -> None:
    # given
    made = await started(served)
    # when
    answer = await ended(served, made["secret"], made["session"]["id"] if named else None)
    # then
    assert answer == {"__typename": "SessionEnded", "id": made["session"]["id"]}
    assert not await opens(served, made["secret"])
    assert await opens(served, served.tokens[Role.RECEPTIONIST])


async def test_an_ended_session_is_refused_by_every_process(served: Served) -> None:
    # given
    secret = (await started(served))["secret"]
    async with served.again() as other:
        assert await opens(other, secret, WHO)
        # when
        await ended(served, secret)
        # then
        assert not await opens(other, secret)

        async def refused() -> bool:
            return not await opens(other, secret, WHO)

        await until(refused)


async def test_somebody_elses_session_is_as_unknown_as_one_that_doesnt_exist(
    served: Served,
) -> None:
    # given
    theirs = await started(served)
    other = await a_practice(served.practice.pool)
    stranger = await create_token(served.practice.pool, other.id, "Theirs", Role.ADMIN)
    # when
    answers = [
        await ended(served, served.admin, theirs["session"]["id"]),
        await ended(served, stranger, theirs["session"]["id"]),
        await ended(served, served.admin, "Session:9999"),
    ]
    # then
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["__typename"] == "UnknownSession"
    assert await opens(served, theirs["secret"])


async def test_an_access_token_itself_has_no_session_to_end(served: Served) -> None:
    # when
    answer = await served.query(END)
    # then
    assert answer["__typename"] == "UnknownSession"
    assert await opens(served, served.admin)


async def test_a_session_ends_with_its_token(served: Served) -> None:
    # given
    pool, practice = served.practice.pool, served.practice.id
    token = await create_token(pool, practice, "Leaving", Role.ADMIN)
    secret = (await started(served, token))["secret"]
    key = await pool.fetchval("select id from access_tokens where name = 'Leaving'")
    # when
    await revoke_token(pool, practice, key)
    # then
    assert not await opens(served, secret)


async def test_a_session_lasts_no_longer_than_its_token(served: Served) -> None:
    # given
    pool, soon = served.practice.pool, datetime.now(UTC) + timedelta(hours=1)
    token = await create_token(pool, served.practice.id, "Short", Role.ADMIN, expires_at=soon)
    # when
    session = (await started(served, token))["session"]
    # then
    assert datetime.fromisoformat(session["endsAt"]) == soon


async def test_a_session_ends_when_it_isnt_used(served: Served) -> None:
    # given
    secret = (await started(served))["secret"]
    # when
    await move(served, "last_used_at", by=timedelta(minutes=60))
    # then
    assert not await opens(served, secret)
    assert await served.query(SESSIONS, token=served.tokens[Role.RECEPTIONIST]) == []


async def test_a_session_goes_on_while_it_is_used(served: Served) -> None:
    # given
    secret = (await started(served))["secret"]
    await move(served, "last_used_at", by=timedelta(minutes=59))
    assert await opens(served, secret)
    # when
    await move(served, "last_used_at", by=timedelta(minutes=59))
    # then
    assert await opens(served, secret)


async def test_a_session_ends_after_some_hours_however_it_is_used(served: Served) -> None:
    # given
    secret = (await started(served))["secret"]
    # when
    await move(served, "started_at", "ends_at", by=timedelta(hours=12))
    # then
    assert not await opens(served, secret)


async def test_how_long_a_session_lasts_is_a_setting(served: Served) -> None:
    # given
    async with served.again(SESSION_IDLE="5", SESSION_HOURS="2") as other:
        # when
        made = await started(other)
        async with other.http.get("/sign-in.json") as answer:
            told = await answer.json()
        await move(served, "last_used_at", by=timedelta(minutes=5))
        # then
        begun, ends = (datetime.fromisoformat(made["session"][n]) for n in ("startedAt", "endsAt"))
        assert ends - begun == timedelta(hours=2)
        assert told["idleSeconds"] == 300
        assert not await opens(other, made["secret"])


async def test_with_one_too_many_the_oldest_session_ends(served: Served) -> None:
    # given
    made = [await started(served) for _ in range(MAX_SESSIONS)]
    admins = await started(served, served.admin)
    # when
    made.append(await started(served))
    # then
    assert [await opens(served, each["secret"]) for each in made[:2]] == [False, True]
    assert await opens(served, admins["secret"])
    assert len(await served.query(SESSIONS, token=made[-1]["secret"])) == MAX_SESSIONS


async def test_sessions_started_at_once_are_no_more_than_a_token_may_have(served: Served) -> None:
    # when
    await asyncio.gather(*(started(served) for _ in range(MAX_SESSIONS + 5)))
    # then
    assert len(await served.query(SESSIONS, token=served.tokens[Role.RECEPTIONIST])) == MAX_SESSIONS


async def test_sessions_that_ended_more_than_a_day_ago_are_not_kept(served: Served) -> None:
    # given
    await started(served)
    await move(served, "started_at", "ends_at", by=timedelta(hours=37))
    # when
    await started(served, served.admin)
    # then
    assert await served.practice.pool.fetchval("select count(*) from sessions") == 1


async def test_the_sessions_kept_for_a_token_are_limited(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("db.sessions.MAX_KEPT", 3)
    # when
    for _ in range(5):
        await ended(served, (await started(served))["secret"])
    # then
    assert await served.practice.pool.fetchval("select count(*) from sessions") == 3


async def test_a_session_is_ended_once(served: Served) -> None:
    # given
    made, other = await started(served), await started(served)
    # when
    answers = await asyncio.gather(
        *(ended(served, other["secret"], made["session"]["id"]) for _ in range(3))
    )
    # then
    assert sorted(answer["__typename"] for answer in answers) == [
        "SessionEnded",
        "UnknownSession",
        "UnknownSession",
    ]


async def test_a_stream_ends_with_its_session(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.streams.LOOK_AGAIN", 0.1)
    secret = (await started(served))["secret"]
    async with served.events(CHANGES, token=secret) as events:
        assert events.answer.status == 200
        # when
        await ended(served, secret)
        async with asyncio.timeout(10):
            told = [answer async for name, answer in events.stream if name == "next"]
    # then
    assert told[-1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_open_stream_doesnt_count_as_use_of_a_session(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given that every use is recorded, each time
    monkeypatch.setattr("api.streams.LOOK_AGAIN", 0.02)
    monkeypatch.setattr("api.viewers.CACHE_SECONDS", 0.0)
    monkeypatch.setattr("api.viewers.NOTE_EVERY", 0.0)
    looked: list[Viewer | None] = []
    now = Viewers.authenticate

    async def noted(*given: Any, **more: Any) -> Viewer | None:
        looked.append(await now(*given, **more))
        return looked[-1]

    monkeypatch.setattr(Viewers, "authenticate", noted)
    secret = (await started(served))["secret"]
    async with served.events(CHANGES, token=secret):
        await move(served, "last_used_at", by=timedelta(minutes=10))
        before = await served.practice.pool.fetchval("select last_used_at from sessions")

        # when
        async def looked_again() -> bool:
            return len(looked) > 5

        await until(looked_again)
    # then
    assert await served.practice.pool.fetchval("select last_used_at from sessions") == before
