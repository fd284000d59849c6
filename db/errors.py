"""What may be told of an error: its kind and place, never the values that it happened with."""

import traceback

import asyncpg


def without_values(error: BaseException) -> str:
    """Describe ``error`` for a log.

    Its class, for PostgreSQL's errors the SQLSTATE and the constraint, and where it was raised.
    Messages are left out: PostgreSQL's quote the row, with names, numbers and texts in it.
    """
    parts = [type(error).__name__]
    if isinstance(error, asyncpg.PostgresError):
        parts += [f"SQLSTATE {error.sqlstate}", f"constraint {error.constraint_name}"]
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{', '.join(parts)}\n{frames}".rstrip()
