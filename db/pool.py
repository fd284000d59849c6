"""Connections to PostgreSQL."""

import asyncpg

from db.rows import Connection, Pool

UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)
"""What connecting raises where the database isn't there, or won't have us."""
WRITE_SETTINGS = {
    # A plan that was kept from when a table was all but empty reads a run of a million whole, for
    # each claim, until the tables are next analyzed.
    "plan_cache_mode": "force_custom_plan",
}
READ_SETTINGS = {
    # To plan a page anew costs more than to read it. The plan that is kept is made for no values in
    # particular; each set of restrictions has a text, and so a plan, of its own.
    "plan_cache_mode": "force_generic_plan",
    # It may have been made when the tables were all but empty, and then is kept until they are next
    # analyzed: so it may not read one whole, nor sort what an index has in order, nor join in a way
    # that reads more than the rows it needs. Where there is no other way it does.
    "enable_seqscan": "off",
    "enable_sort": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""The server's settings for connections that read what clients ask for, a page at a time.

Not for a statement over a whole practice, such as the preview's: that is better planned each time.
"""


def unreachable(error: BaseException) -> str:
    """Say that the database can't be reached, without the URL: it may hold a password."""
    return f"The database of RECALLS_DATABASE_URL can't be reached ({type(error).__name__})."


async def open_pool(
    database_url: str, *, name: str, connections: int = 10, reading: bool = False
) -> Pool:
    """Open a pool of up to ``connections``; ``name`` is shown in pg_stat_activity.

    One for ``reading`` keeps its plans. Raises one of ``UNREACHABLE`` where the database can't be
    reached.
    """
    return await asyncpg.create_pool(
        database_url,
        min_size=1,
        max_size=connections,
        reset=_nothing,
        server_settings={
            "application_name": f"recalls {name}",
            # Short statements only: compiling them costs more than it saves.
            "jit": "off",
            **(READ_SETTINGS if reading else WRITE_SETTINGS),
        },
    )


async def _nothing(_connection: Connection) -> None:
    """Reset nothing when a connection goes back to its pool.

    What a transaction left open is rolled back before this. We keep no other state in a session
    (a setting, a lock, a LISTEN), so the round trip that would undo it is saved.
    """
