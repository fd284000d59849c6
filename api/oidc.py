"""Sign-in through OpenID Connect: verification of bearer JWTs, and their claims."""

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

from api.claims import MAX_SUBJECT_CHARACTERS, at, name_of
from api.settings import OidcSettings
from core.identity import Jwt, Role
from core.text import storable
from db.tokens import hash_of

logger = logging.getLogger(__name__)

MAX_TOKEN_CHARACTERS = 8192
"""Characters; an identity provider's tokens have one or two thousand."""
KEYS_SECONDS = 3600.0
"""Seconds after which the provider's keys are read again."""
REST_SECONDS = 10.0
"""Seconds between two reads of the keys; tokens with made-up key ids mustn't cause more."""
ANSWER_SECONDS = 5.0
"""Seconds to wait for the provider in all."""
LOG_SECONDS = 60.0
"""Seconds between two log lines about tokens that grant nothing here."""
MAX_ANSWER_BYTES = 1_000_000
KINDS = (None, "jwt", "at+jwt", "application/at+jwt")
"""Values of an access token's ``typ`` (RFC 9068); a logout token has another."""


@dataclass(frozen=True, slots=True)
class Claims:
    """A valid token's claims: the person, by the provider's ``subject``, and what they may do."""

    issuer: str
    subject: str
    name: str
    practice_id: int
    role: Role
    jwt: Jwt


class ProviderError(Exception):
    """The provider doesn't answer as OpenID Connect Discovery 1.0 requires."""


class Oidc:
    """Verifies tokens of the configured provider (OpenID Connect Core 1.0, RFC 8725).

    Its keys are found by discovery and cached. A token's header only selects one of them; it never
    says where to find a key, or which algorithm to verify it with.
    """

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._audiences, self._grants = settings.audiences, settings.grants
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._read_at = self._tried_at = float("-inf")
        self._reading = asyncio.Lock()
        self._logged_at = float("-inf")

    async def claims(self, token: str) -> Claims | None:
        """Return the token's claims; None if it isn't valid or grants nothing here."""
        settings = self._settings
        if len(token) > MAX_TOKEN_CHARACTERS or not token.isascii():
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
        """Return the unverified issuer and subject in ASCII; the token itself if it has none."""
        try:
            _, said, _ = token[:MAX_TOKEN_CHARACTERS].split(".")
            subject = orjson.loads(urlsafe_b64decode(f"{said}=="))["sub"]
        except (ValueError, LookupError, TypeError):
            return ascii(token)
        return ascii((self._settings.oidc_issuer, subject))

    def _read(self, said: dict[str, Any], token: str) -> Claims | None:
        settings = self._settings
        subject: str = said["sub"]
        if (
            int(said["exp"]) - int(said["iat"]) > settings.oidc_longest
            or not 0 < len(subject) <= MAX_SUBJECT_CHARACTERS
            or not storable(subject)
        ):
            return None
        granted = self._grants.of(
            at(said, settings.oidc_practice_claim), at(said, settings.oidc_role_claim)
        )
        if granted is None:
            self._log_refusal()
            return None
        ends_at = datetime.fromtimestamp(int(said["exp"]) + settings.oidc_leeway, UTC)
        signed = token.rpartition(".")[0]
        kept = Jwt(hash_of(signed), ends_at)
        return Claims(settings.oidc_issuer, subject, name_of(said), *granted, kept)

    def _log_refusal(self) -> None:
        """Log why somebody whom the provider signed in is refused; hosts can't see it otherwise."""
        if time.monotonic() > self._logged_at + LOG_SECONDS:
            self._logged_at = time.monotonic()
            logger.warning(
                "a valid token from the identity provider doesn't grant exactly one practice and"
                " one role (RECALLS_OIDC_PRACTICE_CLAIM, _ROLE_CLAIM, _ROLES, _GROUPS)"
            )

    async def _key(self, kid: str | None) -> jwt.PyJWK | None:
        """Return the key, or None; read the keys again if it is unknown or they are old."""
        known = self._keys.get(kid)
        # With a key at hand, don't wait while another task reads them again.
        if known is not None and (self._reading.locked() or not self._old()):
            return known
        async with self._reading:  # also waits for a read in progress
            due = time.monotonic() > self._tried_at + REST_SECONDS
            if due and (kid not in self._keys or self._old()):
                await self._read_keys()
        return self._keys.get(kid)

    def _old(self) -> bool:
        return time.monotonic() > self._read_at + KEYS_SECONDS

    async def _read_keys(self) -> None:
        """Read the provider's keys; if that fails, the known ones stay valid."""
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
                    raise ProviderError("its keys are not a list")
        except (aiohttp.ClientError, TimeoutError, ValueError, ProviderError) as error:
            logger.warning("the identity provider's keys can't be read (%s)", type(error).__name__)
            # Only now: if this read is cancelled half-way, the next one tries again.
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
            or "d" in described  # a private key: no longer a secret
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
        content = await answer.content.read(MAX_ANSWER_BYTES + 1)
        if answer.status != 200 or len(content) > MAX_ANSWER_BYTES:  # noqa: PLR2004
            raise ProviderError("its answer can't be read")
    found = orjson.loads(content)
    if not isinstance(found, dict):
        raise ProviderError("its answer is not an object")
    return found
