"""Viewers by access token or the identity provider's JWT: looked up, or cached for a second."""

import asyncio
import hashlib
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.types import Scope

from api.addresses import MAX_ADDRESS_CHARACTERS
from api.known_tokens import KnownTokens
from api.rate import Budgets
from api.token_throttle import TokenThrottle
from core.identity import Role, Viewer
from db.audit_buffer import AuditBuffer
from db.people import viewer_of_person
from db.tokens import TOKEN, note_use, refused_holder, viewer_of
from db.types import Pool, Reader

if TYPE_CHECKING:
    from api.oidc import Oidc

CACHE_SECONDS = 1.0
"""Seconds for which a valid token is cached; a revoked one can read for no longer.

A JWT isn't accepted beyond its expiry.
"""
NOTE_EVERY = 60.0
"""Seconds between two notes of a viewer's use from the same address."""
MAX_ADDRESSES = 20
"""Addresses of a viewer whose use is noted one by one, and one more each ``NOTE_EVERY``."""
MAX_UNHASHED_CHARACTERS = 128
"""Characters of a token up to which keeping it costs less than hashing it."""
MAX_REMEMBERED = 10_000
"""Tokens remembered; when there are more, all are forgotten."""


_Key: TypeAlias = tuple[str | bytes, str | None, bool]
"""A header or its token's hash, the client's address, and whether this counts as use."""
NOBODY: tuple[None, float] = None, 0.0


def origin_of(scope: Scope) -> str | None:
    """Return the client's address, as a trusted proxy gives it if there is one, or None."""
    client = scope.get("client")
    return client[0] if client and len(client[0]) <= MAX_ADDRESS_CHARACTERS else None


def _token(authorization: Any) -> str | None:
    """Return a header's token without blanks around it; None if it isn't a bearer token."""
    if not isinstance(authorization, str) or authorization[:7].lower() != "bearer ":
        return None
    return authorization[7:].strip()


def _key(token: str) -> str | bytes:
    """Return what is kept of a token for a second: its header if short, as ours are, or a hash."""
    if len(token) <= MAX_UNHASHED_CHARACTERS:
        return f"Bearer {token}"
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


class Viewers:
    """Finds the viewer of an ``Authorization`` header: ``Bearer`` and a token.

    ``oidc`` is None if people don't sign in through an identity provider; without
    ``staff_tokens`` that is their only way. ``origin`` is the client's address, which is recorded
    with the use of a token.
    """

    def __init__(
        self,
        reader: Reader,
        pool: Pool,
        audit_buffer: AuditBuffer,
        oidc: "Oidc | None" = None,
        good: KnownTokens | None = None,
        *,
        staff_tokens: bool = True,
    ) -> None:
        self._reader = reader
        self._pool = pool
        self._audit_buffer = audit_buffer
        self._oidc = oidc
        self._staff_tokens = staff_tokens
        # By address too: the holder's use must not hide use of the token from elsewhere.
        self._seen: dict[_Key, tuple[Viewer, float]] = {}
        self._asking: dict[_Key, asyncio.Task[Viewer | None]] = {}
        self._throttle = TokenThrottle(good)
        self._notings = Budgets(1 / NOTE_EVERY, MAX_ADDRESSES * NOTE_EVERY)
        self._noted: dict[tuple[Viewer, str | None], float] = {}

    async def authenticate(
        self, authorization: Any, origin: str | None, *, in_use: bool = True
    ) -> Viewer | None:
        """Return the viewer, from the database, or None if the token is not valid.

        For anything that changes data. Use is noted if ``in_use``. Raises ``HTTPException`` (429)
        if the address sends too many tokens that were never good.
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

    def seen(self, authorization: Any, origin: str | None, *, in_use: bool = True) -> Viewer | None:
        """Return the viewer if they were authenticated by this very header within a second."""
        viewer, until = self._seen.get((authorization, origin, in_use), NOBODY)
        return viewer if time.monotonic() < until else None

    async def authenticate_cached(
        self, authorization: Any, origin: str | None, *, in_use: bool = True
    ) -> Viewer | None:
        """Return the viewer like ``authenticate``, or from a cache by address and token.

        For reads, because looking the viewer up costs a fifth of a page of the list.
        """
        token = _token(authorization)
        if token is None:
            return None
        key = _key(token), origin, in_use
        viewer, until = self._seen.get(key, NOBODY)
        if time.monotonic() < until:
            return viewer
        asking = self._asking.get(key)
        if asking is None:  # one look-up for all who ask meanwhile
            authenticating = self.authenticate(authorization, origin, in_use=in_use)
            asking = self._asking[key] = asyncio.create_task(authenticating)
            asking.add_done_callback(partial(self._looked_up, key))
        return await asyncio.shield(asking)

    def _looked_up(self, key: _Key, asking: asyncio.Task[Viewer | None]) -> None:
        del self._asking[key]
        if not asking.cancelled():
            asking.exception()  # retrieved, in case all who asked have gone

    async def _holder(self, token: str, origin: str | None) -> Viewer | None:
        """Return the holder of the access token, or of a session of one, or None."""
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
        """Return the person named by the identity provider's token, or None."""
        if self._oidc is None:
            return None
        # A person gets a new token every few minutes, so good ones are remembered by their subject.
        # A token that borrows somebody's subject is still verified.
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
        else:  # from ever new addresses: counted, because each would be an event
            self._audit_buffer.event(viewer.practice_id, viewer.acting(origin), "SIGNED_IN")
