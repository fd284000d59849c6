"""Brings a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(database_url: str, revision: str = "head") -> None:
    """Run the migrations that ``database_url`` lacks, and load ``db/functions`` anew.

    All in one transaction: it is done whole or not at all. Must not be called from within a
    running event loop; alembic's environment starts its own.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url.replace(
        "postgresql://", "postgresql+asyncpg://", 1
    )
    command.upgrade(config, revision)
