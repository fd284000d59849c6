"""What may be told of an error: its kind and place, never the values that it happened with."""

import asyncio
import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import asyncpg

logger = logging.getLogger(__name__)


def without_values(error: BaseException) -> str:
    """Describe ``error`` for a log.

    Its class, for PostgreSQL's errors the SQLSTATE and the constraint, and where it was raised;
    the same of each error of a group, and of what caused it. Messages are left out: PostgreSQL's
    quote the row, with names, numbers and texts in it.
    """
    parts = [type(error).__name__]
    if isinstance(error, asyncpg.PostgresError):
        parts += [f"SQLSTATE {error.sqlstate}", f"constraint {error.constraint_name}"]
    frames = "".join(traceback.format_tb(error.__traceback__))
    told = [f"{', '.join(parts)}\n{frames}".rstrip()]
    if isinstance(error, BaseExceptionGroup):
        told += map(without_values, error.exceptions)
    if error.__cause__ is not None:
        told.append(f"because of {without_values(error.__cause__)}")
    return "\n".join(told)


class DiscreetFormatter(logging.Formatter):
    """Formats what is logged; of an error that a library logs, it tells what we would."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Describe the error of a record."""
        return without_values(ei[1])


def end_discreetly() -> None:
    """Have an error that ends this process told without values."""
    sys.excepthook = _uncaught


def log_discreetly() -> None:
    """Have an error that no task of the running loop waits for logged without values."""
    asyncio.get_running_loop().set_exception_handler(_unretrieved)


def _uncaught(
    _kind: type[BaseException], error: BaseException, _frames: TracebackType | None
) -> None:
    print(without_values(error), file=sys.stderr)


def _unretrieved(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    told = context["message"] if error is None else without_values(error)
    logger.error("nobody waited for what failed: %s", told)
