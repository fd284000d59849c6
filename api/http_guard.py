"""The HTTP guard, for all requests: limits on a body's size and time, and response headers."""

import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import error_response, failed, rate_limited
from api.uvicorn_patches import is_after_hang_up
from core.cost import BusyError
from core.logging import without_values

logger = logging.getLogger(__name__)

SMALL, LARGE = 1_000_000, 8_000_000
"""Bytes of the body of an operation, and of a sync, whose thousand rows can be long."""
FORM = 64_000
"""Bytes of every other body."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
TLS_ONLY = "max-age=31536000; includeSubDomains"
"""For subdomains too, so that nobody can impersonate one; sibling names aren't affected."""
NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""The policy of an answer that isn't a page."""
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; worker-src 'self'; connect-src {connect}; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of the portal's pages; GraphiQL's editor writes styles into the page."""
ASSETS = "/portal/assets/"
"""Path of files whose names change with their content."""
FOREVER = b"public, max-age=31536000, immutable"
PORT = re.compile(rb":\d*$")
Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
CLOSE = {"Connection": "close"}
"""Header of a refused body's answer: the rest of the body isn't waited for."""


def limited(scope: Scope, receive: Receive, max_bytes: int) -> Receive:
    """Return a ``receive`` for a body of at most ``max_bytes`` bytes.

    Raises ``HTTPException`` if more are announced, and the ``receive`` if more arrive. Handlers
    that know more about a request may limit its body further.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            if int(value) > max_bytes:
                raise _too_large(max_bytes)
            return receive  # the server lets no more through than was announced
    got = 0

    async def counted() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > max_bytes:
            raise _too_large(max_bytes)
        return message

    return counted


class HttpGuard:
    """The application behind these rules.

    ``operations`` is the path of GraphQL, which lowers the body limit later for each operation.
    ``connect`` are the origins besides this one that pages may connect to. ``secure`` means that
    the site is served with TLS, now and in future. If ``hosts`` is not empty, requests for any
    other host are refused, except for ``health``, which is requested by address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        operations: str,
        health: str,
        connect: Iterable[str] = (),
        hosts: Iterable[str] = (),
        secure: bool,
    ) -> None:
        self._app = app
        self._operations = operations
        self._health = health
        self._hosts = frozenset(host.encode() for host in hosts)
        always = ALWAYS | ({"Strict-Transport-Security": TLS_ONLY} if secure else {})
        self._always = [(name.lower().encode(), text.encode()) for name, text in always.items()]
        page = PAGE.format(connect=" ".join(["'self'", *connect]))
        self._page = (b"content-security-policy", page.encode())
        self._nothing = (b"content-security-policy", NOTHING.encode())
        self._completed = lru_cache(256)(self._complete)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, unless the request is refused; mask its bugs."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        is_http, began = scope["type"] == "http", False

        async def sending(message: Message) -> None:
            nonlocal began
            began = True
            if message["type"] == "http.response.start":
                message["headers"] = self._with_headers(scope["path"], message)
            try:
                await send(message)
            except RuntimeError as error:
                if is_after_hang_up(error):
                    raise ClientDisconnect from None
                raise

        try:
            if self._hosts and scope["path"] != self._health:
                self._refuse_other_hosts(scope)
            taking = self._limited(scope, receive) if is_http else receive
            await self._app(scope, taking, sending)
            return
        except ClientDisconnect:
            return
        except BusyError:
            answer = rate_limited(1)
        except HTTPException as error:
            answer = error_response(error)
        except Exception as error:
            # uvicorn would log PostgreSQL's message.
            logger.error("a request failed: %s", without_values(error))
            answer = failed()
        if not began:
            await answer(scope, receive, sending)

    def _refuse_other_hosts(self, scope: Scope) -> None:
        for name, value in scope["headers"]:
            if name == b"host" and PORT.sub(b"", value).lower() not in self._hosts:
                raise HTTPException(421, "Unknown host.", CLOSE)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        if scope["method"] in ("GET", "HEAD"):
            return limited(scope, receive, FORM)  # it is never read
        max_bytes = LARGE if scope["path"] == self._operations else FORM
        return limited(scope, receive, max_bytes)

    def _with_headers(self, path: str, start: Message) -> list[tuple[bytes, bytes]]:
        given = start.get("headers") or []
        # An answer that ends its head with its length is written at once (``Cycle``).
        length = [given[-1]] if given and given[-1][0] == b"content-length" else []
        others = tuple(given[:-1] if length else given)
        asset = path.startswith(ASSETS) and start["status"] < HTTPStatus.BAD_REQUEST
        return [*self._completed(others, asset), *length]

    def _complete(self, given: Headers, asset: bool) -> Headers:
        headers = [*given, *self._always]
        names = {name for name, _ in given}
        kind = dict(given).get(b"content-type", b"")
        if b"content-security-policy" not in names:
            # A page's worker takes its policy from its own script.
            headers.append(self._page if asset or kind.startswith(b"text/html") else self._nothing)
        if b"cache-control" not in names:
            headers.append((b"cache-control", FOREVER if asset else b"no-store"))
        return tuple(headers)


def _too_large(max_bytes: int) -> HTTPException:
    return HTTPException(413, f"The body is larger than {max_bytes} bytes.", CLOSE)
