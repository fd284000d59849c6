"""Who asks, by an access token or a JWT of the identity provider: now, or as of a moment ago."""

import hashlib
import time
from typing import Any

from starlette.types import Scope

from api.addresses import LONGEST
from api.good_tokens import GoodTokens
from api.oidc import Claims, Oidc
from api.strangers import Strangers
from db.people import viewer_of_person
from db.rows import Pool, Reader
from db.tokens import TOKEN, Viewer, note_use, viewer_of

LATELY = 1.0
"""Seconds for which a token that was good is believed to be; a revoked one reads for no longer.

A JWT isn't believed beyond its end.
"""
NOTE_EVERY = 60.0
"""Seconds between two notes of a viewer's use of the same address."""
MOST = 10_000
"""Tokens that are remembered; all are forgotten when there are more."""


def origin_of(scope: Scope) -> str | None:
    """Give the client's address, as a trusted proxy says it where there is one."""
    client = scope.get("client")
    return client[0] if client and len(client[0]) <= LONGEST else None


def _token(authorization: Any) -> str | None:
    """Give the token of a header, without the blanks around it that may be as many as one likes."""
    if not isinstance(authorization, str) or authorization[:7].lower() != "bearer ":
        return None
    return authorization[7:].strip()


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


class Viewers:
    """Finds the viewer of an ``Authorization`` header: ``Bearer`` and a token.

    ``oidc`` is None where people don't sign in through an identity provider. ``origin`` is the
    client's address, which is kept with the use of a token.
    """

    def __init__(
        self,
        reader: Reader,
        pool: Pool,
        oidc: Oidc | None = None,
        good: GoodTokens | None = None,
    ) -> None:
        self._reader = reader
        self._pool = pool
        self._oidc = oidc
        # By address as well: the holder must not hide who uses their token from somewhere else.
        self._seen: dict[tuple[bytes, str | None], tuple[Viewer, float]] = {}
        self._strangers = Strangers(good)
        self._people: dict[Claims, tuple[Viewer | None, float]] = {}
        self._noted: dict[tuple[str, str | None], float] = {}

    async def now(self, authorization: Any, origin: str | None) -> Viewer | None:
        """Ask the database; None where that is no good token. For whatever changes something.

        Raises ``HTTPException`` (429) where the address sends too many that were never good.
        """
        token = _token(authorization)
        if token is None:
            return None
        key = _key(token), origin
        viewer, seconds = await self._holder(token, origin)
        if viewer is None:
            self._seen.pop(key, None)
            return None
        await self._note(viewer, origin)
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[key] = viewer, time.monotonic() + seconds
        return viewer

    async def lately(self, authorization: Any, origin: str | None) -> Viewer | None:
        """As ``now``, but believe what was found of the address in the last second. For reading.

        Asking costs a fifth of what a page of the list does.
        """
        token = _token(authorization)
        if token is None:
            return None
        viewer, until = self._seen.get((_key(token), origin), (None, 0.0))
        return viewer if time.monotonic() < until else await self.now(authorization, origin)

    async def _holder(self, token: str, origin: str | None) -> tuple[Viewer | None, float]:
        """Give who holds the token, and for how many seconds that is to be believed."""
        if TOKEN.fullmatch(token):
            if not self._strangers.admit(token, origin):
                return None, 0.0
            viewer = await viewer_of(self._reader, token)
            self._strangers.remember(token, good=viewer is not None)
            return viewer, LATELY
        claims = await self._oidc.claims(token) if self._oidc else None
        if claims is None:
            return None, 0.0
        return await self._person(claims), min(LATELY, claims.until - time.time())

    async def _person(self, claims: Claims) -> Viewer | None:
        """Give whom the provider names, kept once a minute as it describes them."""
        known, until = self._people.get(claims, (None, 0.0))
        if time.monotonic() < until:
            return known
        viewer = await viewer_of_person(
            self._pool,
            claims.practice_id,
            issuer=claims.issuer,
            subject=claims.subject,
            name=claims.name,
            role=claims.role,
        )
        if len(self._people) >= MOST:
            self._people.clear()
        self._people[claims] = viewer, time.monotonic() + NOTE_EVERY
        return viewer

    async def _note(self, viewer: Viewer, origin: str | None) -> None:
        key, now = (viewer.key, origin), time.monotonic()
        if now < self._noted.get(key, 0.0):
            return
        if len(self._noted) >= MOST:
            self._noted.clear()
        self._noted[key] = now + NOTE_EVERY
        await note_use(self._pool, viewer, origin)
