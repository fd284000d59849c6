"""What a log may say about an error: its kind and place, never the values involved."""

import asyncio
import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import asyncpg

logger = logging.getLogger(__name__)


def without_values(error: BaseException) -> str:
    """Return a description of ``error`` for a log.

    It has the error's class, for PostgreSQL's errors the SQLSTATE and the constraint, and where it
    was raised; then the same for each error of a group, and for the cause. Messages are left out:
    PostgreSQL's quote the row, with names, numbers and texts in it.
    """
    parts = [type(error).__name__]
    if isinstance(error, asyncpg.PostgresError):
        parts += [f"SQLSTATE {error.sqlstate}", f"constraint {error.constraint_name}"]
    frames = "".join(traceback.format_tb(error.__traceback__))
    told = [f"{', '.join(parts)}\n{frames}".rstrip()]
    if isinstance(error, BaseExceptionGroup):
        told += map(without_values, error.exceptions)
    if error.__cause__ is not None:
        told.append(f"caused by {without_values(error.__cause__)}")
    return "\n".join(told)


class DiscreetFormatter(logging.Formatter):
    """Formats log records; errors that a library logs are described without values too."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return a description of a record's error."""
        return without_values(ei[1])


def end_discreetly() -> None:
    """Make this process print a fatal error without values."""
    sys.excepthook = _uncaught


def log_discreetly() -> None:
    """Make the running loop log errors that nothing awaits, without values."""
    asyncio.get_running_loop().set_exception_handler(_unretrieved)


def _uncaught(
    _kind: type[BaseException], error: BaseException, _frames: TracebackType | None
) -> None:
    print(without_values(error), file=sys.stderr)


def _unretrieved(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    told = context["message"] if error is None else without_values(error)
    logger.error("unhandled error in the event loop: %s", told)
