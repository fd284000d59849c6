"""Tests of sign-in through an identity provider: which of its tokens open a practice."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError
from websockets.exceptions import ConnectionClosed

from api import viewers
from api.oidc import Oidc
from api.settings import OidcSettings
from tests.support.identity_provider import AUDIENCE, CLIENT, Provider, elliptic_key
from tests.support.operations import OPERATIONS
from tests.support.served import Served
from tests.support.simulated import until

WHO = "{ viewer { name role } }"


async def who(served: Served, token: str) -> Any:
    answer = await served.ask(WHO, token=token)
    return answer["data"] and answer["data"]["viewer"]


async def test_a_token_of_the_provider_opens_the_practice_it_names(
    idp: Provider, signing: Served
) -> None:
    # when
    viewer = await who(signing, idp.token())
    # then
    assert viewer == {"name": "Priya Nair", "role": "RECEPTIONIST"}


async def test_roles_hold_for_people_too(idp: Provider, signing: Served) -> None:
    # when
    errors = await signing.errors(OPERATIONS["accessTokens"], token=idp.token())
    admin = await signing.errors(
        OPERATIONS["accessTokens"], token=idp.token(recalls_role="ADMIN", sub="s-2")
    )
    # then
    assert [code for code, _ in errors] == ["FORBIDDEN"]
    assert admin == []


async def test_a_person_who_signs_in_is_listed_and_in_the_audit_trail(
    idp: Provider, signing: Served
) -> None:
    # given
    await who(signing, idp.token())
    await who(signing, idp.token(name="Priya Shah"))
    # when
    [person] = await signing.query(OPERATIONS["people"])
    page = await signing.query(
        OPERATIONS["auditEvents"], {"filter": {"actions": ["SIGNED_IN"], "actor": "Priya Nair"}}
    )
    # then
    assert (person["name"], person["role"]) == ("Priya Shah", "RECEPTIONIST")
    assert person["lastUsedFrom"] == "127.0.0.1"
    assert len(page["nodes"]) == 1


def _with_payload(token: str, **claims: Any) -> str:
    """Change a signed token's claims, and keep its signature."""
    head, body, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "==")) | claims
    changed = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    return f"{head}.{changed}.{signature}"


def _unsigned(idp: Provider) -> str:
    said = jwt.decode(idp.token(), options={"verify_signature": False})
    return jwt.encode(said, "", algorithm="none")


def _signed_with_the_public_key(idp: Provider) -> str:
    """Confuse HMAC with RSA: sign with the public key, which everybody knows, as the secret."""
    public = idp.keys["one"].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said = jwt.decode(idp.token(), options={"verify_signature": False})
    parts = [{"alg": "HS256", "kid": "one", "typ": "JWT"}, said]
    text = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
    )
    # By hand: the library refuses such a key.
    mac = hmac.digest(pem, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _with_own_key(idp: Provider, sub: str = "s-1", **header: Any) -> str:
    """Sign with a key of the attacker's own, and say in the header where to find it."""
    other = Provider(idp.url, first_key=100)
    said = jwt.decode(idp.token(sub=sub), options={"verify_signature": False})
    headers = {
        "kid": "one",
        "jku": "http://127.0.0.1:1/keys",
        "x5u": "http://127.0.0.1:1/certificate",
        "jwk": other.jwks()["keys"][0],
    }
    return jwt.encode(said, other.keys["one"], algorithm="RS256", headers=headers | header)


def _with_header(idp: Provider, **header: Any) -> str:
    """Sign as the provider does, with these extra header fields."""
    said = jwt.decode(idp.token(), options={"verify_signature": False})
    return jwt.encode(said, idp.keys["one"], algorithm="RS256", headers={"kid": "one"} | header)


def _by_another_key(idp: Provider) -> str:
    """Name one of the provider's keys, and sign with another."""
    idp.new_key("two")
    return idp.token(kid="two", key=idp.keys["one"])


NOW = int(time.time())
ATTACKS: dict[str, Any] = {
    "unsigned": _unsigned,
    "hmac with the public key": _signed_with_the_public_key,
    "a key of its own": _with_own_key,
    "an unknown key": lambda idp: _with_own_key(idp, kid="made up"),
    "the id of another key": _by_another_key,
    "what the header calls critical": lambda idp: _with_header(idp, crit=["x"], x=1),
    "a token of another kind": lambda idp: _with_header(idp, typ="logout+jwt"),
    "another practice written in": lambda idp: _with_payload(idp.token(), recalls_practice=2),
    "another role written in": lambda idp: _with_payload(idp.token(), recalls_role="ADMIN"),
    "another algorithm": lambda idp: idp.token(alg="RS512"),
    "an elliptic key": lambda idp: idp.token(key=elliptic_key(), alg="ES256"),
    "another issuer": lambda idp: idp.token(iss="https://elsewhere.example"),
    "another audience": lambda idp: idp.token(aud="https://other.example"),
    "no audience": lambda idp: idp.token(aud=None),
    "expired": lambda idp: idp.token(exp=NOW - 60),
    "without an end": lambda idp: idp.token(exp=None),
    "not yet": lambda idp: idp.token(nbf=NOW + 86_400),
    "issued in the future": lambda idp: idp.token(iat=NOW + 86_400),
    "without a subject": lambda idp: idp.token(sub=None),
    "an empty subject": lambda idp: idp.token(sub=""),
    "a subject that can't be stored": lambda idp: idp.token(sub="a\0b"),
    "an endless subject": lambda idp: idp.token(sub="x" * 256),
    "no practice": lambda idp: idp.token(recalls_practice=None),
    "a practice that isn't": lambda idp: idp.token(recalls_practice=999),
    "a practice in words": lambda idp: idp.token(recalls_practice="1 or 2"),
    "a practice below zero": lambda idp: idp.token(recalls_practice=-1),
    "an unknown role": lambda idp: idp.token(recalls_role="OWNER"),
    "many roles": lambda idp: idp.token(recalls_role=["ADMIN", "RECEPTIONIST"]),
    "many practices": lambda idp: idp.token(recalls_practice=[1, 2]),
    "a role that is true": lambda idp: idp.token(recalls_role=True),
    "a practice that is true": lambda idp: idp.token(recalls_practice=True),
    "a life of a week": lambda idp: idp.token(exp=NOW + 7 * 86_400),
    "a life of ages": lambda idp: idp.token(exp=NOW + 10**14),
    "a life without end": lambda idp: idp.token(exp=float("inf")),
    "a life of no number": lambda idp: idp.token(exp=float("nan")),
    "a life of many digits": lambda idp: idp.token(exp=10**4200),
    "born long ago": lambda idp: idp.token(iat=0),
    "too long": lambda idp: idp.token(padding="x" * 9000),
    "half a surrogate pair": lambda idp: _with_own_key(idp, sub="\ud800"),
    "garbage": lambda _: "a.b.c",
    "no dots": lambda _: "x" * 500,
    "a header that is a list": lambda _: "W10.W10.W10",
    "a header without a floor": lambda _: f"{base64.b64encode(b'[' * 4500).decode()}.e30.e30",
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_token_that_cant_be_trusted_opens_nothing(
    idp: Provider, signing: Served, attack: str
) -> None:
    # given
    token = ATTACKS[attack](idp)
    # when
    errors = await signing.errors(WHO, token=token)
    # then
    assert [code for code, _ in errors] == ["UNAUTHENTICATED"]


async def test_half_a_surrogate_pair_opens_no_websocket(signing: Served) -> None:
    # when: a header can't hold it, but a WebSocket's connection parameters can
    async with signing.socket({"authorization": "Bearer \ud800.a.b"}) as opened:
        with pytest.raises(ConnectionClosed):
            await opened.recv()
        # then
        assert opened.close_code == 4403


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"name": "a\0b", "preferred_username": "priya"}, "priya"),
        ({"name": "  ", "email": "priya@clinic.example"}, "priya@clinic.example"),
        ({"name": ["Priya"]}, "s-1"),
        ({"name": " Priya " + "x" * 300}, "Priya " + "x" * 194),
    ],
)
async def test_a_person_is_named_by_the_first_claim_that_can_be_kept(
    idp: Provider, signing: Served, said: dict[str, Any], shown: str
) -> None:
    # when
    viewer = await who(signing, idp.token(**said))
    # then
    assert viewer["name"] == shown


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", "application/at+JWT", None])
async def test_an_access_token_names_its_kind_or_none(idp: Provider, kind: str | None) -> None:
    # when / then
    assert await Oidc(_settings(idp)).claims(_with_header(idp, typ=kind)) is not None


async def test_a_token_may_be_for_other_audiences_too(idp: Provider) -> None:
    # given
    verifier = Oidc(_settings(idp))
    # when / then
    assert await verifier.claims(idp.token(aud=[AUDIENCE, "https://other.example"])) is not None
    assert await verifier.claims(idp.token(aud=["https://other.example"])) is None


async def test_a_token_ends_while_it_is_in_use(
    idp: Provider, signing: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a viewer is cached for long, yet no token beyond its own expiry
    monkeypatch.setattr(viewers, "CACHE_SECONDS", 60.0)
    token = idp.token(exp=int(time.time()) + 2)
    assert await who(signing, token) is not None

    # when
    async def refused() -> bool:
        return await who(signing, token) is None

    # then
    await until(refused)


def _settings(idp: Provider, **more: Any) -> OidcSettings:
    return OidcSettings(oidc_issuer=idp.issuer, oidc_audience=AUDIENCE, **more)


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_issuer": "https://id.example"},
        {"oidc_issuer": "http://id.example", "oidc_audience": "x"},
        {"oidc_issuer": "http://127.0.0.1:1", "oidc_audience": "x", "environment": "production"},
        {"oidc_issuer": "https://id.example", "oidc_audience": "x", "oidc_client_id": "x"},
        {"oidc_issuer": "https://id.example", "oidc_audience": "x", "oidc_algorithm": "HS256"},
        {"oidc_issuer": "https://id.example", "oidc_audience": "x", "oidc_algorithm": "none"},
    ],
)
def test_settings_that_let_anybody_in_are_refused(given: dict[str, Any]) -> None:
    # when / then
    with pytest.raises(ValidationError):
        OidcSettings(**given)


async def test_a_page_signs_somebody_in_with_a_code_and_pkce(
    idp: Provider, signing: Served
) -> None:
    # given what a page asks for first
    async with signing.http.get("/sign-in.json") as answer:
        where = await answer.json()
    assert (where["issuer"], where["clientId"]) == (idp.issuer, CLIENT)
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe()
    digest = hashlib.sha256(verifier.encode()).digest()
    back = f"{signing.url}/"
    async with aiohttp.ClientSession() as browser:
        async with browser.get(f"{where['issuer']}/.well-known/openid-configuration") as answer:
            endpoints = await answer.json()
        # when the browser goes to the provider and comes back with a code
        asked = {
            "response_type": "code",
            "client_id": where["clientId"],
            "redirect_uri": back,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        async with browser.get(
            endpoints["authorization_endpoint"], params=asked, allow_redirects=False
        ) as answer:
            returned = parse_qs(urlsplit(answer.headers["Location"]).query)
        form = {
            "grant_type": "authorization_code",
            "client_id": where["clientId"],
            "redirect_uri": back,
            "code": returned["code"][0],
            "code_verifier": verifier,
        }
        async with browser.post(endpoints["token_endpoint"], data=form) as answer:
            given = await answer.json()
    # then
    assert returned["state"] == [state]
    assert (await who(signing, given["access_token"]))["name"] == "Priya Nair"


async def test_without_a_provider_a_page_is_told_so(served: Served) -> None:
    # when
    async with served.http.get("/sign-in.json") as answer:
        told = await answer.json()
    # then
    assert told == {
        "issuer": None,
        "clientId": None,
        "scope": "openid profile",
        "tokens": True,
        "links": True,
        "endSession": True,
        "idleSeconds": 3600,
    }


async def test_a_page_may_ask_the_provider_and_nobody_else(idp: Provider, signing: Served) -> None:
    # when
    async with signing.http.get("/graphql", headers={"Accept": "text/html"}) as answer:
        policy = answer.headers["Content-Security-Policy"]
    # then
    assert "default-src 'none'" in policy
    assert f"connect-src 'self' {idp.issuer};" in policy


async def test_an_id_token_opens_nothing(idp: Provider, signing: Served) -> None:
    # given an ID token: it is for the page, not for us
    token = idp.token(aud=CLIENT, nonce="n")
    # when
    errors = await signing.errors(WHO, token=token)
    # then
    assert [code for code, _ in errors] == ["UNAUTHENTICATED"]
