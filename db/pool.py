"""Connections to PostgreSQL."""

import asyncpg

from db.rows import Pool


async def open_pool(database_url: str, *, name: str, connections: int = 10) -> Pool:
    """Open a pool of up to ``connections``; ``name`` is shown in pg_stat_activity.

    Raises ``OSError`` or ``asyncpg.PostgresError`` where the database can't be reached.
    """
    return await asyncpg.create_pool(
        database_url,
        min_size=1,
        max_size=connections,
        # Short statements only: compiling them costs more than it saves.
        server_settings={"application_name": f"recalls {name}", "jit": "off"},
    )
