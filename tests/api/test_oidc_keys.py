"""Tests of the identity provider's keys: where and when they are read, and which are trusted."""

import asyncio
from typing import Any

import pytest
from jwt.algorithms import RSAAlgorithm

from api import oidc
from api.oidc import Oidc
from api.settings import OidcSettings
from tests.support.identity_provider import AUDIENCE, Provider, elliptic_key


@pytest.fixture
def verifier(idp: Provider) -> Oidc:
    return Oidc(OidcSettings(oidc_issuer=idp.issuer, oidc_audience=AUDIENCE))


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two reads of the provider's keys."""
    monkeypatch.setattr(oidc, "REST_SECONDS", 0.0)


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that expire at once."""
    monkeypatch.setattr(oidc, "KEYS_SECONDS", 0.0)


@pytest.mark.usefixtures("restless")
async def test_a_new_key_of_the_provider_is_found(idp: Provider, verifier: Oidc) -> None:
    # given
    assert await verifier.claims(idp.token()) is not None
    idp.new_key("two")
    # when / then
    assert await verifier.claims(idp.token(kid="two")) is not None
    assert idp.asked == 2


@pytest.mark.usefixtures("restless")
async def test_a_key_that_the_provider_withdrew_is_no_longer_good(
    idp: Provider, verifier: Oidc
) -> None:
    # given
    old = idp.token()
    assert await verifier.claims(old) is not None
    idp.new_key("two")
    del idp.keys["one"]
    # when
    assert await verifier.claims(idp.token(kid="two")) is not None
    # then
    assert await verifier.claims(old) is None


@pytest.mark.usefixtures("restless", "forgetful")
async def test_keys_are_read_again_after_their_time(idp: Provider, verifier: Oidc) -> None:
    # given
    old = idp.token()
    assert await verifier.claims(old) is not None
    idp.new_key("two")
    del idp.keys["one"]
    # when / then: nobody has asked for the new one
    assert await verifier.claims(old) is None


async def test_keys_are_kept_in_between(idp: Provider, verifier: Oidc) -> None:
    # when
    for number in range(5):
        assert await verifier.claims(idp.token(sub=f"s-{number}")) is not None
    # then
    assert idp.asked == 1


async def test_made_up_keys_dont_make_us_ask_again_and_again(idp: Provider, verifier: Oidc) -> None:
    # given
    assert await verifier.claims(idp.token()) is not None
    # when
    for number in range(20):
        idp.keys[f"made up {number}"] = idp.keys["one"]
        assert await verifier.claims(idp.token(kid=f"made up {number}")) is None
    # then
    assert idp.asked == 1


async def test_a_provider_without_keys_isnt_asked_again_and_again(
    idp: Provider, verifier: Oidc
) -> None:
    # given
    idp.answer = {"keys": 5}
    # when
    for _ in range(5):
        assert await verifier.claims(idp.token()) is None
    # then
    assert idp.asked == 1


async def test_requests_made_while_the_keys_are_being_read_wait_for_them(
    idp: Provider, verifier: Oidc
) -> None:
    # when
    said = await asyncio.gather(*(verifier.claims(idp.token(sub=f"s-{n}")) for n in range(20)))
    # then
    assert None not in said
    assert idp.asked == 1


async def test_a_request_cancelled_while_reading_the_keys_leaves_that_to_the_next(
    idp: Provider, verifier: Oidc
) -> None:
    # given
    idp.slow = asyncio.Event()
    first = asyncio.create_task(verifier.claims(idp.token()))
    second = asyncio.create_task(verifier.claims(idp.token(sub="s-2")))
    await idp.reached.wait()
    # when
    first.cancel()
    idp.slow.set()
    # then
    assert await second is not None


async def test_a_provider_that_hangs_is_given_up(
    idp: Provider, verifier: Oidc, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(oidc, "ANSWER_SECONDS", 0.2)
    idp.slow = asyncio.Event()
    # when / then
    assert await verifier.claims(idp.token()) is None
    idp.slow.set()


@pytest.mark.usefixtures("restless", "forgetful")
async def test_known_keys_hold_nobody_up_while_they_are_read_again(
    idp: Provider, verifier: Oidc
) -> None:
    # given
    assert await verifier.claims(idp.token()) is not None
    idp.slow, idp.reached = asyncio.Event(), asyncio.Event()
    reading = asyncio.create_task(verifier.claims(idp.token()))
    await idp.reached.wait()
    # when
    async with asyncio.timeout(2):
        said = await verifier.claims(idp.token(sub="s-2"))
    # then
    assert said is not None
    assert not reading.done()
    idp.slow.set()
    assert await reading is not None


@pytest.mark.usefixtures("restless", "forgetful")
async def test_known_keys_are_good_while_the_provider_is_away(
    idp: Provider, verifier: Oidc
) -> None:
    # given
    assert await verifier.claims(idp.token()) is not None
    idp.down = True
    # when / then
    assert await verifier.claims(idp.token(sub="s-2")) is not None


@pytest.mark.parametrize(
    "answer",
    [
        {"keys": 5},
        {"keys": [5, None, {}]},
        {"keys": [{"kty": "oct", "k": "AAAA", "kid": "one"}]},
        {"keys": [{"kty": ["RSA"], "kid": "one"}]},
        {"keys": [{"kty": "RSA", "n": 5, "e": "AQAB", "kid": "one"}]},
        [],
    ],
)
async def test_keys_that_cant_be_read_open_nothing(
    idp: Provider, verifier: Oidc, answer: Any
) -> None:
    # given
    idp.answer = answer
    # when / then
    assert await verifier.claims(idp.token()) is None


async def test_an_endless_answer_is_not_read_to_its_end(idp: Provider, verifier: Oidc) -> None:
    # given
    idp.answer = idp.jwks() | {"padding": "x" * oidc.MAX_ANSWER_BYTES}
    # when / then
    assert await verifier.claims(idp.token()) is None


@pytest.mark.parametrize(
    "said",
    [
        {"use": "enc"},
        {"alg": "RS512"},
        {"key_ops": ["encrypt"]},
        {"key_ops": 5},
        {"kid": ["one"]},
        {"private": True},
    ],
)
async def test_a_key_that_isnt_for_verifying_is_passed_over(
    idp: Provider, verifier: Oidc, said: dict[str, Any]
) -> None:
    # given
    key = idp.jwks()["keys"][0]
    if said.pop("private", False):
        key |= RSAAlgorithm.to_jwk(idp.keys["one"], as_dict=True)
    idp.answer = {"keys": [key | said]}
    # when / then
    assert await verifier.claims(idp.token()) is None


async def test_a_provider_that_names_another_issuer_is_not_believed(
    idp: Provider, verifier: Oidc
) -> None:
    # given
    token = idp.token()
    idp.issuer = "https://elsewhere.example"
    # when / then
    assert await verifier.claims(token) is None


async def test_keys_from_an_address_without_tls_are_not_believed(
    idp: Provider, verifier: Oidc
) -> None:
    # given
    idp.jwks_uri = idp.jwks_uri.replace("127.0.0.1", "10.0.0.1")
    # when / then
    assert await verifier.claims(idp.token()) is None


async def test_elliptic_signatures_are_accepted_if_the_settings_say_so(idp: Provider) -> None:
    # given
    idp.keys["e"] = elliptic_key()
    settings = OidcSettings(oidc_issuer=idp.issuer, oidc_audience=AUDIENCE, oidc_algorithm="ES256")
    verifier = Oidc(settings)
    # when
    said = await verifier.claims(idp.token(kid="e", alg="ES256"))
    rsa = await verifier.claims(idp.token())
    # then
    assert said is not None
    assert rsa is None
