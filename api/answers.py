"""Answers to operations: JSON, its media type and status, compressed if it is large."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from graphql import GraphQLError
from starlette.types import Send
from strawberry.http import process_result
from strawberry.types import ExecutionResult

from api.compression import LARGE, compressed
from api.negotiation import GRAPHQL_JSON
from rowql import TooLongError, write
from schema.guard import MAX_ANSWER_BYTES, too_long


class Answer(NamedTuple):
    """The answer to an operation."""

    body: bytes
    status: int = 200

    async def send(self, send: Send, media: str, *, gzip: bool) -> None:
        """Send it as the media type, compressed if the client accepts ``gzip`` and it is large."""
        body, headers = self.body, [(b"content-type", media.encode())]
        if len(body) >= LARGE:
            headers.append((b"vary", b"Accept-Encoding"))
            if gzip:
                headers.append((b"content-encoding", b"gzip"))
                body = await compressed(body)
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def answer_of(result: ExecutionResult, media: str) -> Answer:
    """Return the answer: 400 or 500 without data if nothing was run, for GRAPHQL_JSON only."""
    given: dict[str, Any] = dict(process_result(result))
    status = 200
    if media == GRAPHQL_JSON and _is_request_error(given):
        del given["data"]
        codes = {error["extensions"]["code"] for error in given["errors"]}
        status = 500 if "INTERNAL_SERVER_ERROR" in codes else 400
    return Answer(encoded(given).encode(), status)


def refused(error: GraphQLError) -> Answer:
    """Return the answer to an operation that was given up."""
    return Answer(orjson.dumps({"data": None, "errors": [error.formatted]}))


def encoded(data: object) -> str:
    """Return JSON as compiled queries write it, and half a surrogate pair, which they can't."""
    # Over a WebSocket, a message wraps the answer.
    message: dict[str, object] = data if isinstance(data, dict) and "payload" in data else {}
    try:
        return write(data, max_bytes=MAX_ANSWER_BYTES, envelope_levels=1 if message else 0).decode()
    except TypeError:
        return json.dumps(data, separators=(",", ":"))
    except TooLongError:
        answer = {"data": None, "errors": [too_long().formatted]}
        return orjson.dumps({**message, "payload": answer} if message else answer).decode()


def _is_request_error(answer: Mapping[str, Any]) -> bool:
    """Return whether nothing was run: a field's error would have a path."""
    errors = answer.get("errors") or ()
    return bool(errors) and answer["data"] is None and not any("path" in e for e in errors)
