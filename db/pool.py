"""Connections to PostgreSQL."""

import asyncpg

from db.rows import Pool

UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
"""What connecting raises where the database isn't there, or won't have us."""


def unreachable(error: BaseException) -> str:
    """Say that the database can't be reached, without the URL: it may hold a password."""
    return f"The database of RECALLS_DATABASE_URL can't be reached ({type(error).__name__})."


async def open_pool(database_url: str, *, name: str, connections: int = 10) -> Pool:
    """Open a pool of up to ``connections``; ``name`` is shown in pg_stat_activity.

    Raises one of ``UNREACHABLE`` where the database can't be reached.
    """
    return await asyncpg.create_pool(
        database_url,
        min_size=1,
        max_size=connections,
        server_settings={
            "application_name": f"recalls {name}",
            # Short statements only: compiling them costs more than it saves.
            "jit": "off",
            # A plan that was kept from when a table was all but empty reads a run of a million
            # whole, for each claim, until the tables are next analyzed.
            "plan_cache_mode": "force_custom_plan",
        },
    )
