"""The import command, run for a test's practice."""

import asyncio
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.importing.command import import_command
from dev.servers.running import as_application
from tests.support.practice import Practice


class Importing:
    """Runner of the command for a practice, on files in the test's own directory."""

    def __init__(self, practice: Practice, directory: Path) -> None:
        self.practice = practice
        self.directory = directory

    def file(self, name: str, content: str) -> Path:
        path = self.directory / name
        path.write_text(content)
        return path

    async def run(self, *arguments: str | Path, practice_id: int | None = None) -> Result:
        words = ["--practice", str(practice_id or self.practice.id), *map(str, arguments)]
        # The command runs an event loop of its own, so it needs a thread without one.
        return await asyncio.to_thread(
            CliRunner(env={"COLUMNS": "200"}).invoke, import_command, words
        )

    async def patients(self, content: str, *arguments: str | Path) -> Result:
        return await self.run("--patients", self.file("patients.csv", content), *arguments)

    async def count(self, table: str) -> int:
        counted: int = await self.practice.pool.fetchval(f"select count(*) from {table}")  # noqa: S608
        return counted


@pytest.fixture
def importing(
    practice: Practice, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Importing:
    monkeypatch.setenv("RECALLS_DATABASE_URL", as_application(database_url))
    return Importing(practice, tmp_path)


def counts(result: Result, name: str) -> list[int]:
    """Return a file's counts: new, changed, unchanged, refused, skipped."""
    [row] = re.findall(rf"│ {re.escape(name)} +│([ \d,│]+)│", result.stdout)
    return [int(cell.replace(",", "")) for cell in row.split("│")]
