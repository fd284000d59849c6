"""Answers compiled reads before anything else is asked; all other requests go on unchanged."""

import asyncio
from collections.abc import Sequence
from gzip import compress
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.documents import DocumentError, Documents, holds_too_much
from api.http_guard import SMALL, reduce_limit
from api.negotiation import EVENTS, answers_for, is_json
from api.problems import rate_limited
from api.viewers import origin_of
from core.cost import BusyError
from core.identity import Viewer
from schema.compiled import Compiled, TooLongError, TooManyObjectsError
from schema.context import Context
from schema.errors import busy
from schema.guard import too_large, too_long, too_slow

LARGE, HUGE = 4096, 500_000
"""Bytes from which an answer is compressed for clients that take it so, and on another thread."""
LEVEL = 1
"""The quickest: a page shrinks to a fifth all the same."""

COUNTED = "recalls.counted"
"""Says in a scope that the request was taken from its viewer's budget, and has its turn."""


class Compression(GZipMiddleware):
    """Compresses what is large."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=LARGE, compresslevel=LEVEL)


class CompiledReads:
    """The application with a short way for reads.

    Where a POST to ``path`` has a good token and holds a compiled query, it is answered here: the
    application's routing and middleware cost a tenth of what a page does. What is wrong with a
    request is theirs to tell.
    """

    def __init__(self, app: Starlette, reads: Compiled, *, path: str) -> None:
        self._app = app
        self._reads = reads
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request here, or have the application answer it."""
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        state = self._app.state
        headers = dict(scope["headers"])
        wanted = answers_for(headers.get(b"accept", b"").decode("latin-1"))
        origin = origin_of(scope)
        viewer = await self._viewer(headers, wanted, origin)
        if viewer is None:
            await self._app(scope, receive, send)
            return
        if wait := await state.admission.try_acquire(viewer):
            await rate_limited(wait)(scope, receive, send)
            return
        context = state.context(viewer=viewer, origin=origin, in_turn=True)
        gzip = b"gzip" in headers.get(b"accept-encoding", b"")
        scope[COUNTED] = True
        answering = self._run(context, scope, receive, send, media=wanted[0], gzip=gzip)
        await state.admission.run(viewer, answering)

    async def _run(
        self,
        context: Context,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        media: str,
        gzip: bool,
    ) -> None:
        state, viewer = self._app.state, context.viewer
        reduce_limit(scope, viewer.role)
        async with state.admission.turn(viewer), state.admission.room(viewer, scope):
            body = await _body(receive)
            readable = len(body) <= SMALL and not holds_too_much(body)
            request = _request(body, state.documents) if readable else None
            answer = None if request is None else await self._answer(request, context)
            if answer is None:
                await self._app(scope, _again(body, receive), send)
            else:
                await _answer(answer, media, send, gzip=gzip and len(answer) >= LARGE)

    async def _answer(
        self, request: tuple[str, dict[str, Any] | None, str | None], context: Context
    ) -> bytes | None:
        try:
            return await self._reads.answer(*request, context)
        except TimeoutError:
            error = too_slow(self._reads.seconds or 0.0)
        except TooManyObjectsError:
            error = too_large(self._reads.most_objects or 0)
        except TooLongError:
            error = too_long()
        except BusyError:
            error = busy()
        return orjson.dumps({"data": None, "errors": [error.formatted]})

    async def _viewer(
        self, headers: dict[bytes, bytes], wanted: Sequence[str], origin: str | None
    ) -> Viewer | None:
        """Give who asks for JSON in JSON; None where the application is to look at the request."""
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        if not is_json(content_type) or not wanted or wanted[0] == EVENTS:
            return None
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        try:
            viewer: Viewer | None = await self._app.state.viewers.authenticate_cached(
                authorization, origin
            )
        except Exception:
            return None  # the application asks again, and says what it runs into
        return viewer


async def _answer(body: bytes, media: str, send: Send, *, gzip: bool) -> None:
    headers = [(b"content-type", media.encode())]
    if gzip:
        headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        # Of a megabyte it takes as long as ten pages of a list do; others have that time.
        body = (
            await asyncio.to_thread(compress, body, LEVEL)
            if len(body) >= HUGE
            else compress(body, LEVEL)
        )
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a ``receive`` that begins with the body once more."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    return replayed


def _request(
    body: bytes, documents: Documents
) -> tuple[str, dict[str, Any] | None, str | None] | None:
    """Give the query, the variables and the operation's name; None where it holds anything else."""
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(request, dict):
        return None
    try:
        query, variables = documents.document(request), request.get("variables")
    except DocumentError:
        return None
    name = request.get("operationName")
    if not isinstance(query, str) or not isinstance(variables, dict | None):
        return None
    if not isinstance(request.get("extensions"), dict | None):
        return None
    return (query, variables, name) if name is None or isinstance(name, str) else None
