"""Writes ``db/schema.sql``, what the migrations and the trigger file come to; a test checks it.

``python -m dev.schema_sql`` starts PostgreSQL, migrates an empty database, and writes the file.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from db.migrate import migrate
from dev.servers.embedded import postgres_home
from dev.servers.running import running_servers

SCHEMA = Path(__file__).parents[1] / "db" / "schema.sql"
HEAD = """\
-- Tables, indexes, constraints, triggers and policies as the migrations leave them: to be read, not
-- run. `make schema` writes this file, and a test fails if it has drifted. Functions are in sql/.

"""
NOISE = re.compile(r"--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*")
"""Lines that pg_dump writes for those who run it."""
LEFT_OUT = {"CREATE SCHEMA public;"}


def dumped(database_url: str) -> str:
    """Return the file's text for a migrated database."""
    options = ["--schema-only", "--no-owner", "--no-privileges", "--no-comments", "--schema=public"]
    options += ["--exclude-table=alembic_version"]
    dump = subprocess.run(  # noqa: S603 - the command is the package's
        [postgres_home() / "bin" / "pg_dump", *options, database_url],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = ["" if NOISE.fullmatch(line) else line for line in dump.stdout.splitlines()]
    statements = re.split(r"\n{2,}", "\n".join(lines).strip())
    return HEAD + "\n\n".join(each for each in statements if each not in LEFT_OUT) + "\n"


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as directory,
        running_servers(Path(directory), fast=True) as servers,
    ):
        migrate(servers.database_url)
        SCHEMA.write_text(dumped(servers.database_url))
