"""Retries after transient failures, for what comes only once, from outside."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

Result = TypeVar("Result")
PATIENCE = 5.0
"""Seconds within which it must succeed: the gateway waits for an answer no longer than fifteen."""
REST = 0.1
"""Seconds between two tries."""
TRANSIENT = (
    asyncpg.TransactionRollbackError,  # a deadlock
    asyncpg.InternalServerError,  # a migration has just replaced a running function
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.IdleInTransactionSessionTimeoutError,  # we were frozen in a transaction
    asyncpg.OperatorInterventionError,  # PostgreSQL is restarting
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server has ended the connection; we have yet to see it
    OSError,
)
"""Errors that another try may not meet."""


async def retried(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Return the attempt's result; retry while it fails for a transient reason."""
    while True:
        try:
            return await attempt()
        except TRANSIENT:
            await asyncio.sleep(REST)
