"""What the commands share: checked settings, and work on the database."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import asyncpg
import click

from core.logging import without_values
from core.settings import (
    DatabaseSettings,
    OwnerSettings,
    Settings,
    WrongSettingsError,
    check_settings,
)
from db.pool import UNREACHABLE, UnguardedError, open_owner_pool, open_pool, unreachable
from db.types import Pool

T = TypeVar("T")
PRACTICE = "Its number; 'practice list' shows it."


def with_database(work: Callable[[Pool], Awaitable[T]]) -> T:
    """Run ``work`` with a pool; report an unreachable database as a plain error."""
    check(DatabaseSettings)
    url = DatabaseSettings().database_url.get_secret_value()
    return _run(open_pool(url, name="command", connections=1), "RECALLS_DATABASE_URL", work)


def with_owner(work: Callable[[Pool], Awaitable[T]]) -> T:
    """Run ``work`` like ``with_database``, but as the owner of the tables."""
    check(OwnerSettings)
    url = OwnerSettings().database_owner_url.get_secret_value()
    opening = open_owner_pool(url, name="command", connections=1)
    return _run(opening, "RECALLS_DATABASE_OWNER_URL", work)


def _run(
    opening: Coroutine[Any, Any, Pool], setting: str, work: Callable[[Pool], Awaitable[T]]
) -> T:
    async def run() -> T:
        try:
            pool = await opening
        except UNREACHABLE as error:
            raise click.ClickException(unreachable(error, setting)) from None
        except UnguardedError as error:
            raise click.ClickException(str(error)) from None
        async with pool:
            try:
                return await work(pool)
            except asyncpg.PostgresError as error:
                # Its message may quote a row.
                raise click.ClickException(without_values(error)) from None

    return asyncio.run(run())


def check(*kinds: type[Settings]) -> None:
    """Check the settings; report wrong ones as a plain error."""
    try:
        check_settings(*kinds)
    except WrongSettingsError as error:
        raise click.ClickException(str(error)) from None
