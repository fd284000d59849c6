"""HTTP answers when no operation was run: errors with codes, like GraphQL's."""

import math
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from schema.errors import MASKED

RATE_MESSAGE = "Too many operations. Try again in {} seconds."


def problem(
    message: str,
    code: str,
    *,
    status: int,
    headers: dict[str, str] | None = None,
    **extensions: Any,
) -> JSONResponse:
    """Return the answer with one error; ``extensions`` go beside its code."""
    message = message.encode(errors="replace").decode()  # half a surrogate pair can't be encoded
    error = {"message": message, "extensions": {"code": code, **extensions}}
    return JSONResponse({"data": None, "errors": [error]}, status_code=status, headers=headers)


def failed() -> JSONResponse:
    """Return the answer to a request that hit a bug or an unreachable database."""
    return problem(MASKED, "INTERNAL_SERVER_ERROR", status=500)


def error_response(error: HTTPException) -> JSONResponse:
    """Return the answer to a request refused for its path, method, body or address."""
    headers = dict(error.headers or {})
    code, more = "BAD_USER_INPUT", {}
    if error.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        code, more = "RATE_LIMITED", {"retryAfter": int(headers["Retry-After"])}
    return problem(error.detail, code, status=error.status_code, headers=headers, **more)


def rate_limited(wait: float) -> JSONResponse:
    """Return the answer to a viewer whose budget is used up for ``wait`` seconds."""
    seconds = math.ceil(wait)
    return problem(
        RATE_MESSAGE.format(seconds),
        "RATE_LIMITED",
        status=429,
        headers={"Retry-After": str(seconds)},
        retryAfter=seconds,
    )


def unauthenticated() -> JSONResponse:
    """Return the answer to a request without a valid token."""
    message = "Send a valid token: Authorization: Bearer <token>."
    headers = {"WWW-Authenticate": "Bearer"}
    return problem(message, "UNAUTHENTICATED", status=401, headers=headers)
