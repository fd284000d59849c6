"""Trying again what failed for a reason that passes: for what comes once, from outside."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

Result = TypeVar("Result")
PATIENCE = 5.0
"""Seconds in which it must be done: the gateway waits for an answer no longer than fifteen."""
REST = 0.1
"""Seconds between two tries."""
TRANSIENT = (
    asyncpg.TransactionRollbackError,  # a deadlock
    asyncpg.InternalServerError,  # a migrate has just replaced a function that was running
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.IdleInTransactionSessionTimeoutError,  # we were frozen in the middle of it
    asyncpg.OperatorInterventionError,  # PostgreSQL restarts
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server has ended the connection, whose end is yet to come
    OSError,
)
"""What another try may not run into."""


async def retried(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Give what the attempt gives; try again while it fails for a reason that passes."""
    while True:
        try:
            return await attempt()
        except TRANSIENT:
            await asyncio.sleep(REST)
