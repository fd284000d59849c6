"""Tests of people from the identity provider who sign out, or are kept out whatever it says."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.oidc import Oidc
from api.settings import OidcSettings
from core.identity import Role
from db.tokens import create_token, hash_of
from tests.support.identity_provider import AUDIENCE, Provider, elliptic_key
from tests.support.operations import CHANGES, OPERATIONS
from tests.support.practice import a_practice
from tests.support.served import Served
from tests.support.simulated import until

WHO = "{ viewer { name role } }"
CHANGE = "mutation { __typename }"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
REVOKE, RESTORE, END = (OPERATIONS[n] for n in ("revokePerson", "restorePerson", "endSession"))


async def opens(served: Served, token: str, document: str = CHANGE) -> bool:
    errors = await served.errors(document, token=token)
    assert {code for code, _ in errors} <= {"UNAUTHENTICATED"}
    return not errors


async def signed_in(served: Served, token: str) -> str:
    """Let the token's person sign in, the practice's first; return their id."""
    assert await opens(served, token, WHO)
    [person] = await served.query(OPERATIONS["people"])
    return str(person["id"])


async def until_refused(served: Served, token: str, document: str = WHO) -> None:
    async def refused() -> bool:
        return not await opens(served, token, document)

    await until(refused)


async def test_a_person_who_signs_out_is_refused_with_that_token_and_no_other(
    idp: Provider, signing: Served
) -> None:
    # given
    token, other = idp.token(), idp.token(jti="another")
    assert await opens(signing, token, WHO)
    # when
    answer = await signing.query(END, token=token)
    # then
    assert answer == {"__typename": "SessionEnded", "id": None}
    assert not await opens(signing, token)
    assert await opens(signing, other)


async def test_a_person_who_signed_out_is_refused_by_every_process(
    idp: Provider, signing: Served
) -> None:
    # given
    token = idp.token()
    async with signing.again() as other:
        assert await opens(other, token, WHO)
        # when
        await signing.query(END, token=token)
        # then
        assert not await opens(other, token)
        await until_refused(other, token)


async def test_a_token_is_the_same_however_its_signature_is_written(idp: Provider) -> None:
    # given: anybody with an elliptic signature can make another that is just as valid
    idp.keys["one"] = elliptic_key()
    token = idp.token(alg="ES256")
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    other = raw[:32] + (P256_ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    written = f"{signed}.{base64.urlsafe_b64encode(other).rstrip(b'=').decode()}"
    verifier = Oidc(
        OidcSettings(oidc_issuer=idp.issuer, oidc_audience=AUDIENCE, oidc_algorithm="ES256")
    )
    # when
    said = [await verifier.claims(each) for each in (token, written)]
    # then: rewriting its signature doesn't make an ended token good again
    assert [claims and claims.jwt.hash for claims in said] == [hash_of(signed)] * 2


async def test_signing_out_twice_is_recorded_once(idp: Provider, signing: Served) -> None:
    # given
    token = idp.token()
    person = await signed_in(signing, token)
    # when both start before either is done
    await asyncio.gather(*(signing.ask(END, token=token) for _ in range(2)))
    # then
    wanted = {"filter": {"actions": ["SESSION_ENDED"]}}
    events = (await signing.query(OPERATIONS["auditEvents"], wanted))["nodes"]
    assert [(event["actor"], event["subject"]) for event in events] == [("Priya Nair", person)]


async def test_an_ended_token_that_expired_long_ago_is_not_kept(
    idp: Provider, signing: Served
) -> None:
    # given
    pool = signing.practice.pool
    await signing.query(END, token=idp.token())
    await pool.execute("update ended_jwts set ends_at = now() - interval '2 days'")
    # when
    await signing.query(END, token=idp.token(jti="another"))
    # then
    assert await pool.fetchval("select count(*) from ended_jwts") == 1


async def test_a_person_needs_no_session(idp: Provider, signing: Served) -> None:
    # when
    answer = await signing.query(OPERATIONS["startSession"], token=idp.token())
    # then
    assert answer["__typename"] == "SessionNotNeeded"
    assert await signing.query(OPERATIONS["sessions"], token=idp.token()) == []


async def test_a_person_who_is_kept_out_is_refused_whatever_the_provider_says(
    idp: Provider, signing: Served
) -> None:
    # given
    token = idp.token()
    person = await signed_in(signing, token)
    # when
    revoked = await signing.call(REVOKE, id=person)
    # then
    assert (revoked["id"], revoked["revokedBy"]) == (person, "Admin")
    assert revoked["revokedAt"]
    assert not await opens(signing, token)
    assert not await opens(signing, idp.token(recalls_role="ADMIN", name="Somebody"))
    assert await opens(signing, idp.token(sub="s-2"))


async def test_a_person_who_is_kept_out_is_refused_by_every_process(
    idp: Provider, signing: Served
) -> None:
    # given
    token = idp.token()
    person = await signed_in(signing, token)
    async with signing.again() as other:
        assert await opens(other, token, WHO)
        # when
        await signing.call(REVOKE, id=person)
        # then
        assert not await opens(other, token)
        await until_refused(other, token)


async def test_a_stream_ends_when_its_person_is_kept_out(
    idp: Provider, signing: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.streams.LOOK_AGAIN", 0.1)
    token = idp.token()
    person = await signed_in(signing, token)
    async with signing.events(CHANGES, token=token) as events:
        assert events.answer.status == 200
        # when
        await signing.call(REVOKE, id=person)
        async with asyncio.timeout(10):
            told = [answer async for name, answer in events.stream if name == "next"]
    # then
    assert told[-1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_person_who_is_restored_gets_in_again(idp: Provider, signing: Served) -> None:
    # given
    token = idp.token()
    person = await signed_in(signing, token)
    await signing.call(REVOKE, id=person)
    # when
    restored = await signing.call(RESTORE, id=person)
    # then
    assert (restored["revokedAt"], restored["revokedBy"]) == (None, None)

    async def let_in() -> bool:
        return await opens(signing, token)

    await until(let_in)


async def test_keeping_a_person_out_twice_keeps_the_first_time_and_actor(
    idp: Provider, signing: Served
) -> None:
    # given
    person = await signed_in(signing, idp.token())
    first = await signing.call(REVOKE, id=person)
    # when
    again = await signing.call(
        REVOKE, token=idp.token(recalls_role="ADMIN", sub="s-2", name="Bea"), id=person
    )
    # then
    assert again == first


async def test_nobody_keeps_themselves_out(idp: Provider, signing: Served) -> None:
    # given
    token = idp.token(recalls_role="ADMIN")
    person = await signed_in(signing, token)
    # when
    answer = await signing.call(REVOKE, token=token, id=person)
    # then
    assert answer["__typename"] == "OwnPerson"
    assert await opens(signing, token)


@pytest.mark.parametrize("document", [REVOKE, RESTORE])
async def test_another_practices_person_is_as_unknown_as_one_who_doesnt_exist(
    idp: Provider, signing: Served, document: str
) -> None:
    # given
    other = await a_practice(signing.practice.pool)
    stranger = await create_token(signing.practice.pool, other.id, "Theirs", Role.ADMIN)
    person = await signed_in(signing, idp.token())
    # when
    answers = [
        await signing.call(document, token=stranger, id=key) for key in (person, "Person:9999")
    ]
    # then
    assert answers[0] == answers[1]
    assert answers[0]["__typename"] == "UnknownPerson"
    assert await opens(signing, idp.token())


async def described(signing: Served) -> tuple[Any, Any]:
    [person] = await signing.query(OPERATIONS["people"])
    return person["name"], person["role"]


async def test_the_list_shows_what_the_provider_last_said_about_a_person(
    idp: Provider, signing: Served
) -> None:
    # given
    await signed_in(signing, idp.token())
    # when
    assert await opens(signing, idp.token(name="Priya Shah", recalls_role="ADMIN"))
    # then
    assert await described(signing) == ("Priya Shah", "ADMIN")


@pytest.fixture
async def alone(idp: Provider, signing: Served) -> Any:
    """A second API, where people sign in only through the provider."""
    assert idp.issuer
    async with signing.again(STAFF_TOKENS="refuse") as other:
        yield other


async def test_no_staff_token_opens_anything_if_people_sign_in_only_through_the_provider(
    idp: Provider, signing: Served, alone: Served
) -> None:
    # given
    session = await signing.query(OPERATIONS["startSession"])
    # when / then
    assert not await opens(alone, alone.admin)
    assert not await opens(alone, alone.tokens[Role.RECEPTIONIST])
    assert not await opens(alone, session["secret"])
    assert await opens(alone, alone.tokens[Role.CONNECTOR])
    assert await opens(alone, idp.token())


async def test_admins_make_only_connector_tokens_if_people_sign_in_only_through_the_provider(
    idp: Provider, alone: Served
) -> None:
    # given
    admin = idp.token(recalls_role="ADMIN")
    create = OPERATIONS["createToken"]
    # when
    refused = await alone.call(create, token=admin, name="Lee", role="RECEPTIONIST")
    made = await alone.call(create, token=admin, name="Lee", role="CONNECTOR")
    # then
    assert refused["__typename"] == "InvalidToken"
    assert refused["message"].startswith("role must be CONNECTOR")
    assert made["__typename"] == "CreatedToken"


async def test_pages_are_told_not_to_ask_for_tokens_if_people_sign_in_only_through_the_provider(
    alone: Served,
) -> None:
    # when
    async with alone.http.get("/sign-in.json") as answer:
        told = await answer.json()
    # then
    assert told["tokens"] is False


@pytest.fixture
async def strict(signing: Served, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """A second API, which checks five tokens from an address, and then no more."""
    monkeypatch.setattr("api.token_throttle.RATE", 0.001)
    monkeypatch.setattr("api.token_throttle.BURST_SECONDS", 5_000.0)
    async with signing.again() as other:
        yield other


async def test_forged_tokens_are_counted_and_keep_out_nobody_who_was_in(
    idp: Provider, strict: Served
) -> None:
    # given
    assert await opens(strict, idp.token())
    forger = Provider(idp.url, first_key=100)
    # when
    forged = [forger.token(sub=f"s-{n}") for n in range(2, 10)]
    codes = [code for each in forged for code, _ in await strict.errors(CHANGE, token=each)]
    # then: a person who was in gets another token every few minutes
    assert codes == ["UNAUTHENTICATED"] * 4 + ["RATE_LIMITED"] * 4
    assert await opens(strict, idp.token(jti="another"))


async def test_forged_tokens_in_a_persons_name_dont_keep_them_out(
    idp: Provider, strict: Served
) -> None:
    # given
    assert await opens(strict, idp.token())
    forger = Provider(idp.url, first_key=100)
    # when: the name is the one part of a token that others may have learnt
    for n in range(10):
        assert not await opens(strict, forger.token(jti=str(n)))
    # then
    assert await opens(strict, idp.token(jti="mine"))


async def test_text_that_is_no_token_at_all_is_counted_as_well(strict: Served) -> None:
    # when
    codes = [code for n in range(8) for code, _ in await strict.errors(CHANGE, token=f"a.{n}.c")]
    # then
    assert codes == ["UNAUTHENTICATED"] * 5 + ["RATE_LIMITED"] * 3
