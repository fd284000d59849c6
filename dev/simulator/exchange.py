"""What the simulator's routes share: answering in JSON, and reading requests."""

from typing import Any

import orjson
from aiohttp import web

_MAX_DIGITS = 9  # More would exceed what islice() takes.


def as_json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with `content` as JSON."""
    return web.Response(
        body=orjson.dumps(content),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def refusal(message: str, status: int = 400, field: str | None = None) -> web.Response:
    """Answer that something can't be done, and why, in words for people."""
    return as_json({"errors": [{"field": field, "message": message}]}, status)


async def read_object(request: web.Request) -> dict[str, Any] | None:
    """Return the JSON object that was sent, or None if something else was."""
    try:
        content = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def number(request: web.Request, name: str) -> str | None:
    """Return a phone number from the query, whose "+" reads as a space unless it was escaped."""
    text = request.query.get(name)
    return text.replace(" ", "+") if text else None


def whole(request: web.Request, name: str, otherwise: int) -> int:
    """Return a whole number, 0 or more, from the query; answers 400 if it is something else."""
    text = request.query.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise web.HTTPBadRequest(text=f"{name} must be a whole number, 0 or more.\n")
    return int(text)
