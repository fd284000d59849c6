"""What alembic runs: the migrations, then the SQL functions anew, in one transaction."""

import asyncio
from pathlib import Path

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

FUNCTIONS = Path(__file__).parent.parent / "functions"
STORE_FACTS = """
  select logic.lock_facts(id) from practices order by id;
  select logic.store_facts(id) from practices order by id;
"""


def run_script(connection: Connection, script: str) -> None:
    """Run an SQL script of many statements inside the connection's transaction.

    The driver's own ``execute`` takes a whole script; SQLAlchemy's takes one statement.
    """
    connection.connection.run_async(lambda raw: raw.execute(script))


def migrate(connection: Connection) -> None:
    """Bring the database of ``connection`` to the newest revision and reload ``db/functions``."""
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        connection.exec_driver_sql("select pg_advisory_xact_lock(0, 0)")  # one migration at a time
        # Functions and views have no history of their own: what stands in db/functions is what
        # runs. No table depends on them (a test sees to that), so they can be dropped as one; and
        # before the migrations, which could not change a column that a view reads.
        connection.exec_driver_sql("drop schema if exists logic cascade")
        context.run_migrations()
        if context.get_revision_argument() != context.get_head_revision():
            return  # a test of an upgrade: the functions are those of the newest tables
        connection.exec_driver_sql("create schema logic")
        for path in sorted(FUNCTIONS.glob("*.sql")):
            run_script(connection, path.read_text())
        # What is stored of the functions' answers: theirs may be other answers now.
        run_script(connection, STORE_FACTS)


async def main() -> None:
    """Connect to the URL that ``db.migrate`` put into the configuration, and migrate."""
    engine = create_async_engine(context.config.attributes["database_url"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
