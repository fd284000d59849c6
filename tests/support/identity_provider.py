"""A small OpenID Connect provider on a loopback port: discovery, keys, code flow with PKCE."""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dev.listening import a_listener
from tests.support.served import Served, serving

AUDIENCE, CLIENT = "https://recalls.example", "recalls-portal"


class Provider:
    """The provider: the user that it signs in, its keys, and how often they were requested."""

    def __init__(self, url: str, *, first_key: int = 0) -> None:
        """``first_key``: a number of its own gives a provider different keys from the others."""
        self.url = url
        self._first_key = first_key
        self.issuer = url
        self.jwks_uri = f"{url}/keys"
        self.asked = 0
        self.exchanged = 0
        self.down = False
        self.answer: Any = None
        """The answer instead of the keys."""
        self.slow: asyncio.Event | None = None
        """What answers with the keys wait for; ``reached`` is set by a request for them."""
        self.reached = asyncio.Event()
        self.user: dict[str, Any] = {}
        self.id_claims: dict[str, Any] = {}
        """Claims that override those of its ID tokens."""
        self.ends_sessions = False
        """Whether it offers sign-out and revocation."""
        self.scope: str | None = None
        """The scope last requested."""
        self.signed_out: list[dict[str, str]] = []
        """The query parameters of each sign-out."""
        self.revoked: list[str] = []
        """The tokens revoked."""
        self.refreshes = False
        """Whether it issues refresh tokens."""
        self.seconds: int | None = None
        """How long an issued access token is valid; None: the default, 300 seconds."""
        self._codes: dict[str, tuple[str, str, str | None]] = {}
        self.keys: dict[str, Any] = {}
        self.new_key("one")

    def new_key(self, kid: str) -> None:
        """Rotate: from now on, sign with this key as well."""
        self.keys[kid] = _rsa_key(self._first_key + len(self.keys))

    def jwks(self) -> dict[str, Any]:
        return {
            "keys": [{**_public(key), "kid": kid, "use": "sig"} for kid, key in self.keys.items()]
        }

    def token(self, *, kid: str = "one", key: Any = None, alg: str = "RS256", **claims: Any) -> str:
        """Return a signed token for this API; claims of None are left out."""
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "s-1",
            "iat": now,
            "exp": now + 300,
            "name": "Priya Nair",
            "recalls_practice": 1,
            "recalls_role": "RECEPTIONIST",
        } | claims
        payload = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(payload, key or self.keys[kid], algorithm=alg, headers={"kid": kid})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/sign-out", self._sign_out),
                Route("/revoke", self._revoke, methods=["POST"]),
            ],
            # Pages on other origins call it, as with every provider that has public clients.
            middleware=[Middleware(CORSMiddleware, allow_origins=["*"])],
        )

    async def _discovery(self, _: Request) -> Response:
        if self.down:
            return Response(status_code=503)
        ends = {
            "end_session_endpoint": f"{self.url}/sign-out",
            "revocation_endpoint": f"{self.url}/revoke",
        }
        return JSONResponse(
            {
                "issuer": self.issuer,
                "jwks_uri": self.jwks_uri,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                **(ends if self.ends_sessions else {}),
            }
        )

    async def _keys(self, _: Request) -> Response:
        self.asked += 1
        self.reached.set()
        if self.slow is not None:
            await self.slow.wait()
        if self.down:
            return Response(status_code=503)
        return JSONResponse(self.jwks() if self.answer is None else self.answer)

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        self.scope = asked.get("scope")
        code = secrets.token_urlsafe()
        self._codes[code] = asked["code_challenge"], asked["redirect_uri"], asked.get("nonce")
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    async def _sign_out(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.signed_out.append(asked)
        return RedirectResponse(asked["post_logout_redirect_uri"])

    async def _revoke(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.revoked.append(form["token"])
        return Response()

    async def _token(self, request: Request) -> Response:
        self.exchanged += 1
        form = dict(parse_qsl((await request.body()).decode()))
        if self.refreshes and form["grant_type"] == "refresh_token":
            assert form["refresh_token"] == "again"
            return self._tokens(None)
        challenge, redirect_uri, nonce = self._codes.pop(form["code"], ("", "", None))
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        verified = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
        if not verified or form["redirect_uri"] != redirect_uri or form["client_id"] != CLIENT:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return self._tokens(nonce)

    def _tokens(self, nonce: str | None) -> Response:
        special: dict[str, Any] = {"jti": secrets.token_hex(8)}
        if self.seconds is not None:
            special["exp"] = int(time.time()) + self.seconds
        given = {
            "access_token": self.token(**self.user | special),
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.token(**self.user | {"aud": CLIENT, "nonce": nonce} | self.id_claims),
        }
        return JSONResponse(given | ({"refresh_token": "again"} if self.refreshes else {}))


@cache
def _rsa_key(number: int) -> rsa.RSAPrivateKey:  # noqa: ARG001
    """Return the key with that number, always the same: generating one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _public(key: Any) -> dict[str, Any]:
    algorithm: Any = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    found: dict[str, Any] = algorithm.to_jwk(key.public_key(), as_dict=True)
    return found


def elliptic_key() -> ec.EllipticCurvePrivateKey:
    """Return a new key for ES256."""
    return ec.generate_private_key(ec.SECP256R1())


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """Run a provider during the ``async with`` block."""
    listener = a_listener()
    found = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}")
    async with serving(listener, found.app):
        try:
            yield found
        finally:
            if found.slow is not None:
                found.slow.set()


@pytest.fixture
async def idp() -> AsyncIterator[Provider]:
    """A provider without any requests so far."""
    async with provider() as found:
        yield found


@pytest.fixture
async def signing(idp: Provider, served: Served) -> AsyncIterator[Served]:
    """A second API with the provider in its settings."""
    asked = {"ISSUER": idp.issuer, "AUDIENCE": AUDIENCE, "CLIENT_ID": CLIENT, "LEEWAY": "0"}
    async with served.again(**{f"OIDC_{name}": value for name, value in asked.items()}) as other:
        yield other
