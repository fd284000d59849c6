"""Who asks, by an access token or a JWT of the identity provider: now, or as of a moment ago."""

import asyncio
import hashlib
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from starlette.types import Scope

from api.addresses import LONGEST
from api.known_tokens import KnownTokens
from api.oidc import Oidc
from api.rate import Budgets
from api.token_throttle import TokenThrottle
from core.identity import Role, Viewer
from db.audit_buffer import AuditBuffer
from db.people import viewer_of_person
from db.tokens import TOKEN, note_use, refused_holder, viewer_of
from db.types import Pool, Reader

CACHE_SECONDS = 1.0
"""Seconds for which a token that was good is believed to be; a revoked one reads for no longer.

A JWT isn't believed beyond its end.
"""
NOTE_EVERY = 60.0
"""Seconds between two audit_buffer of a viewer's use of the same address."""
MAX_ADDRESSES = 20
"""Addresses of a viewer whose use is noted one by one, and one more each time."""
SHORT = 128
"""Characters of a token up to which to keep it costs less than to hash it."""
MAX_REMEMBERED = 10_000
"""Tokens that are remembered; all are forgotten when there are more."""


_Key: TypeAlias = tuple[str | bytes, str | None, bool]
"""A token or its hash, the client's address, and whether that is a use of it."""


def origin_of(scope: Scope) -> str | None:
    """Give the client's address, as a trusted proxy says it where there is one."""
    client = scope.get("client")
    return client[0] if client and len(client[0]) <= LONGEST else None


def _token(authorization: Any) -> str | None:
    """Give the token of a header, without the blanks around it that may be as many as one likes."""
    if not isinstance(authorization, str) or authorization[:7].lower() != "bearer ":
        return None
    return authorization[7:].strip()


def _key(token: str) -> str | bytes:
    """Give what is kept of a token for a second: itself where it is short, as ours are."""
    if len(token) <= SHORT:
        return token
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


class Viewers:
    """Finds the viewer of an ``Authorization`` header: ``Bearer`` and a token.

    ``oidc`` is None where people don't sign in through an identity provider; without
    ``staff_tokens`` they do so alone. ``origin`` is the client's address, which is kept with the
    use of a token.
    """

    def __init__(
        self,
        reader: Reader,
        pool: Pool,
        audit_buffer: AuditBuffer,
        oidc: Oidc | None = None,
        good: KnownTokens | None = None,
        *,
        staff_tokens: bool = True,
    ) -> None:
        self._reader = reader
        self._pool = pool
        self._audit_buffer = audit_buffer
        self._oidc = oidc
        self._staff_tokens = staff_tokens
        # By address as well: the holder must not hide who uses their token from somewhere else.
        self._seen: dict[_Key, tuple[Viewer, float]] = {}
        self._asking: dict[_Key, asyncio.Task[Viewer | None]] = {}
        self._throttle = TokenThrottle(good)
        self._notings = Budgets(1 / NOTE_EVERY, MAX_ADDRESSES * NOTE_EVERY)
        self._noted: dict[tuple[Viewer, str | None], float] = {}

    async def authenticate(
        self, authorization: Any, origin: str | None, *, in_use: bool = True
    ) -> Viewer | None:
        """Ask the database; None where that is no good token. For whatever changes something.

        That the token is ``in_use`` is noted. Raises ``HTTPException`` (429) where the address
        sends too many that were never good.
        """
        token = _token(authorization)
        if token is None:
            return None
        key = _key(token), origin, in_use
        if TOKEN.fullmatch(token):
            viewer = await self._holder(token, origin)
        else:
            viewer = await self._person(token, origin)
        if viewer is None:
            self._seen.pop(key, None)
            return None
        if in_use:
            await self._note(viewer, origin)
        seconds = CACHE_SECONDS
        if viewer.jwt is not None:
            seconds = min(seconds, (viewer.jwt.ends_at - datetime.now(UTC)).total_seconds())
        if len(self._seen) >= MAX_REMEMBERED:
            self._seen.clear()
        self._seen[key] = viewer, time.monotonic() + seconds
        return viewer

    async def authenticate_cached(
        self, authorization: Any, origin: str | None, *, in_use: bool = True
    ) -> Viewer | None:
        """As ``authenticate``, from a cache of one second by address and token: for reads.

        Asking costs a fifth of what a page of the list does.
        """
        token = _token(authorization)
        if token is None:
            return None
        key = _key(token), origin, in_use
        viewer, until = self._seen.get(key, (None, 0.0))
        if time.monotonic() < until:
            return viewer
        asking = self._asking.get(key)
        if asking is None:  # once for all who ask meanwhile
            authenticating = self.authenticate(authorization, origin, in_use=in_use)
            asking = self._asking[key] = asyncio.create_task(authenticating)
            asking.add_done_callback(partial(self._asked, key))
        return await asyncio.shield(asking)

    def _asked(self, key: _Key, asking: asyncio.Task[Viewer | None]) -> None:
        del self._asking[key]
        if not asking.cancelled():
            asking.exception()  # which is nobody's where all who asked have gone

    async def _holder(self, token: str, origin: str | None) -> Viewer | None:
        """Give who holds the access token, or the session of one."""
        if not self._throttle.admit(token, origin):
            return None
        viewer = await viewer_of(self._reader, token)
        if viewer is not None and viewer.role is not Role.CONNECTOR and not self._staff_tokens:
            viewer = None
        self._throttle.remember(token, good=viewer is not None)
        if viewer is None and (refused := await refused_holder(self._reader, token, origin)):
            self._audit_buffer.event(*refused, "SIGN_IN_REFUSED")
        return viewer

    async def _person(self, token: str, origin: str | None) -> Viewer | None:
        """Give whom the identity provider's token names."""
        if self._oidc is None:
            return None
        # A person has another token every few minutes: who was good is known by the name that the
        # token says. Under a name that somebody else has learnt it is verified all the same.
        whose, written = self._oidc.whose(token), ascii(token)
        if not self._throttle.knows(whose) and not self._throttle.admit(written, origin):
            return None
        viewer = None
        if (claims := await self._oidc.claims(token)) is not None:
            viewer = await viewer_of_person(
                self._reader,
                self._pool,
                claims.practice_id,
                issuer=claims.issuer,
                subject=claims.subject,
                name=claims.name,
                role=claims.role,
                jwt=claims.jwt,
            )
        if viewer is None:
            self._throttle.remember(written, good=False)
        else:
            self._throttle.remember(whose, good=True)
        return viewer

    async def _note(self, viewer: Viewer, origin: str | None) -> None:
        key, now = (viewer, origin), time.monotonic()
        if now < self._noted.get(key, 0.0):
            return
        if len(self._noted) >= MAX_REMEMBERED:
            self._noted.clear()
        self._noted[key] = now + NOTE_EVERY
        if self._notings.take(viewer.key)[0]:
            await note_use(self._pool, viewer, origin)
        else:  # from ever other addresses: counted, for each would be an event
            self._audit_buffer.event(viewer.practice_id, viewer.acting(origin), "SIGNED_IN")
