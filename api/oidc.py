"""Sign-in through OpenID Connect: which bearer JWTs are believed, and what they say."""

import asyncio
import logging
import time
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import jwt
import orjson

from api.claims import LONGEST_SUBJECT, at, name_of
from api.settings import OidcSettings
from core.identity import Jwt, Role
from core.text import storable
from db.tokens import hash_of

logger = logging.getLogger(__name__)

LONGEST_TOKEN = 8192
"""Characters; an identity provider's tokens have one or two thousand."""
KEYS_SECONDS = 3600.0
"""How long the provider's keys are kept before they are read again."""
REST_SECONDS = 10.0
"""Between two looks for a key that isn't known: tokens with made-up ones mustn't cause more."""
ANSWER_SECONDS = 5.0
"""For which the provider is waited for in all."""
TELL_SECONDS = 60.0
"""Between two lines of the log about tokens that grant nothing here."""
LARGEST_ANSWER = 1_000_000
KINDS = (None, "jwt", "at+jwt", "application/at+jwt")
"""What an access token's ``typ`` may say (RFC 9068); a logout token's is another."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says: who it is, by the provider's ``subject``, and what they may do."""

    issuer: str
    subject: str
    name: str
    practice_id: int
    role: Role
    jwt: Jwt


class ProviderError(Exception):
    """The provider doesn't answer, or not as OpenID Connect Discovery 1.0 says it must."""


class Oidc:
    """Verifies tokens of the provider that the settings name (OpenID Connect Core 1.0, RFC 8725).

    Its keys are found by discovery and kept; the token's own header only says which of them, never
    where to find one, nor by which algorithm to verify it.
    """

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._audiences, self._grants = settings.audiences, settings.grants
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading = asyncio.Lock()
        self._told_at = float("-inf")

    async def claims(self, token: str) -> Claims | None:
        """Give what the token says; None where it isn't to be believed or says too little."""
        settings = self._settings
        if len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        try:
            header = jwt.get_unverified_header(token)
            if not _is_of_kind(header.get("typ")):
                return None
            key = await self._key(header.get("kid"))
            if key is None:
                return None
            said = jwt.decode(
                token,
                key,
                algorithms=[settings.oidc_algorithm],
                audience=self._audiences,
                issuer=settings.oidc_issuer,
                leeway=settings.oidc_leeway,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, RecursionError):
            return None
        return self._read(said, token)

    def whose(self, token: str) -> str:
        """Give whose the token says it is, in ASCII, which proves nothing; itself if it doesn't."""
        try:
            _, said, _ = token[:LONGEST_TOKEN].split(".")
            subject = orjson.loads(urlsafe_b64decode(f"{said}=="))["sub"]
        except (ValueError, LookupError, TypeError):
            return ascii(token)
        return ascii((self._settings.oidc_issuer, subject))

    def _read(self, said: dict[str, Any], token: str) -> Claims | None:
        settings = self._settings
        subject: str = said["sub"]
        if (
            int(said["exp"]) - int(said["iat"]) > settings.oidc_longest
            or not 0 < len(subject) <= LONGEST_SUBJECT
            or not storable(subject)
        ):
            return None
        granted = self._grants.of(
            at(said, settings.oidc_practice_claim), at(said, settings.oidc_role_claim)
        )
        if granted is None:
            self._tell()
            return None
        ends_at = datetime.fromtimestamp(int(said["exp"]) + settings.oidc_leeway, UTC)
        signed = token.rpartition(".")[0]
        kept = Jwt(hash_of(signed), ends_at)
        return Claims(settings.oidc_issuer, subject, name_of(said), *granted, kept)

    def _tell(self) -> None:
        """Say why somebody doesn't get in whom the provider has signed in: hosts can't see it."""
        if time.monotonic() > self._told_at + TELL_SECONDS:
            self._told_at = time.monotonic()
            logger.warning(
                "a good token of the identity provider's doesn't grant exactly one practice and"
                " one role (RECALLS_OIDC_PRACTICE_CLAIM, _ROLE_CLAIM, _ROLES, _GROUPS)"
            )

    async def _key(self, kid: str | None) -> jwt.PyJWK | None:
        """Give the key, after a look at the provider's where it is unknown or was read long ago."""
        known = self._keys.get(kid)
        # Whoever has a key doesn't wait while another reads them again.
        if known is not None and (self._reading.locked() or not self._old()):
            return known
        async with self._reading:  # for what another is reading just now, too
            due = time.monotonic() > self._tried_at + REST_SECONDS
            if due and (kid not in self._keys or self._old()):
                await self._read_keys()
        return self._keys.get(kid)

    def _old(self) -> bool:
        return time.monotonic() > self._read_at + KEYS_SECONDS

    async def _read_keys(self) -> None:
        """Read the provider's keys; where that fails, those that are known stay good."""
        issuer = self._settings.oidc_issuer
        try:
            async with asyncio.timeout(ANSWER_SECONDS), aiohttp.ClientSession() as session:
                where = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
                described = await _json(session, where)
                if described.get("issuer") != issuer:
                    raise ProviderError("it names another issuer")
                jwks_uri = described.get("jwks_uri")
                if not isinstance(jwks_uri, str) or not self._settings.trusts(jwks_uri):
                    raise ProviderError("its jwks_uri is not https")
                found = (await _json(session, jwks_uri)).get("keys")
                if not isinstance(found, list):
                    raise ProviderError("its keys are no list")
        except (aiohttp.ClientError, TimeoutError, ValueError, ProviderError) as error:
            logger.warning("the identity provider's keys can't be read (%s)", type(error).__name__)
            # Only now: a reader that goes away half-way leaves it to the next.
            self._tried_at = time.monotonic()
            return
        keys = [self._usable(each) for each in found if isinstance(each, dict)]
        self._keys = {key.key_id: key for key in keys if key is not None}
        self._read_at = self._tried_at = time.monotonic()

    def _usable(self, described: dict[str, Any]) -> jwt.PyJWK | None:
        algorithm = self._settings.oidc_algorithm
        may = described.get("key_ops", ["verify"])
        if (
            described.get("use", "sig") != "sig"
            or described.get("alg", algorithm) != algorithm
            or not isinstance(may, list)
            or "verify" not in may
            or not isinstance(described.get("kid"), str | None)
            or "d" in described  # a private key: not a secret any more
        ):
            return None
        try:
            return jwt.PyJWK(described, algorithm=algorithm)
        except (jwt.PyJWTError, ValueError, KeyError, TypeError):
            return None


def _is_of_kind(kind: Any) -> bool:
    return (kind.lower() if isinstance(kind, str) else kind) in KINDS


async def _json(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with session.get(url, allow_redirects=False, raise_for_status=True) as answer:
        content = await answer.content.read(LARGEST_ANSWER + 1)
        if answer.status != 200 or len(content) > LARGEST_ANSWER:  # noqa: PLR2004
            raise ProviderError("its answer is not one that can be read")
    found = orjson.loads(content)
    if not isinstance(found, dict):
        raise ProviderError("its answer is not an object")
    return found
