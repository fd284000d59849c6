"""What holds for every request and every answer: how large and slow a body may be, and headers."""

import asyncio
import time
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from db.tokens import Role

SMALL, LARGE = 1_000_000, 8_000_000
"""Bytes of a body: of an operation, and of a sync, whose thousand rows can be long."""
FORM = 64_000
"""Bytes of every other body: the gateway's receipts and replies, an export's filter."""
MOST = "recalls.most"
"""Says in a scope how large its body may be; who finds out more of the request may lower it."""
BODY_SECONDS = 30.0
"""How long a body may take to arrive."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""The policy of an answer that is no page."""
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; worker-src 'self'; connect-src {connect}; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of the portal's pages; its editor writes styles into the page."""
ASSETS = "/portal/assets/"
"""Files whose names change with what is in them."""


def lower(scope: Scope, role: Role) -> None:
    """Take no large body from who may not sync."""
    if role is Role.RECEPTIONIST and MOST in scope:
        scope[MOST] = SMALL


class TooLargeError(Exception):
    """A body is larger than it may be."""


class TooSlowError(Exception):
    """A body takes too long to arrive."""


class Edge:
    """The application behind these rules.

    ``operations`` is the path of GraphQL, where an operation's own rule on its body comes later.
    ``connect`` are the origins that pages may ask besides this one, and ``secure`` says that the
    site is served with TLS, now and from now on.
    """

    def __init__(
        self, app: ASGIApp, *, operations: str, connect: Iterable[str] = (), secure: bool
    ) -> None:
        self._app = app
        self._operations = operations
        always = ALWAYS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})
        self._always = [(name.lower().encode(), text.encode()) for name, text in always.items()]
        page = PAGE.format(connect=" ".join(["'self'", *connect]))
        self._page = (b"content-security-policy", page.encode())
        self._nothing = (b"content-security-policy", NOTHING.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application answer, unless the body is refused."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, began = scope["path"], False

        async def sending(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                message["headers"] = self._with_headers(path, message.get("headers") or ())
            await send(message)

        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, sending)
            return
        scope[MOST] = LARGE if path == self._operations else FORM
        try:
            if _length(scope) > scope[MOST]:
                raise TooLargeError
            await self._app(scope, _capped(scope, receive), sending)
        except (TooLargeError, TooSlowError) as error:
            if not began:
                await _refusal(error, scope[MOST])(scope, receive, sending)

    def _with_headers(
        self, path: str, given: Iterable[tuple[bytes, bytes]]
    ) -> list[tuple[bytes, bytes]]:
        headers = [*given, *self._always]
        names = {name for name, _ in headers}
        kind = next((value for name, value in headers if name == b"content-type"), b"")
        # A worker of a page takes its policy from its own script.
        is_page = kind.startswith(b"text/html") or path.startswith(ASSETS)
        if b"content-security-policy" not in names:
            headers.append(self._page if is_page else self._nothing)
        if b"cache-control" not in names:
            asset = path.startswith(ASSETS)
            value = b"public, max-age=31536000, immutable" if asset else b"no-store"
            headers.append((b"cache-control", value))
        return headers


def _refusal(error: Exception, most: int) -> ASGIApp:
    if isinstance(error, TooSlowError):
        message, status = f"The body took longer than {BODY_SECONDS:g} seconds.", 408
    else:
        message, status = f"The body is larger than {most} bytes.", 413
    # What is left of the body is not waited for.
    headers = {"Connection": "close"}
    return problem(message, "BAD_USER_INPUT", status=status, headers=headers)


def _length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _capped(scope: Scope, receive: Receive) -> Receive:
    """Give what receives a body of ``scope[MOST]`` bytes at the most, and in time."""
    got, whole, until = 0, False, time.monotonic() + BODY_SECONDS

    async def capped() -> Message:
        nonlocal got, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await receive()
        except TimeoutError:
            raise TooSlowError from None
        got += len(message.get("body", b""))
        whole = not message.get("more_body")
        if got > scope[MOST]:
            raise TooLargeError
        return message

    return capped
