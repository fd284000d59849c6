"""Other releases to migrate to: this one with a change, and a former one."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import db
from bench.waiting import BenchError, command

ROOT = Path(db.__file__).parents[1]
REVISIONS = Path("db/migrations/versions")


def changed(folder: Path, change: Callable[[Path], None], *, of: Path = ROOT) -> Path:
    """Copy a release's db/ and what it imports; ``change`` changes the copy's SQL files."""
    shutil.rmtree(folder, ignore_errors=True)
    for package in ("db", "core"):
        shutil.copytree(of / package, folder / package)
    change(folder / "db" / "sql")
    return folder


def replace_in(script: Path, before: str, after: str) -> None:
    """Replace a text that the script contains once; raises BenchError if it doesn't."""
    text = script.read_text()
    if text.count(before) != 1:
        raise BenchError(f"{script.name} doesn't contain {before!r} once")
    script.write_text(text.replace(before, after))


async def before_newest_revision() -> str:
    """Return the last commit before the one that added the newest revision."""
    newest = max(path.name for path in (ROOT / REVISIONS).glob("*.py"))
    added = await _git("log", "--diff-filter=A", "--format=%H", "-1", "--", str(REVISIONS / newest))
    if not added:
        raise BenchError("git knows of no commit before the newest revision")
    return f"{added}^"


async def former(commit: str, folder: Path) -> Path:
    """Unpack a former release's sources into a new folder."""
    archive = f"{folder}.tar"
    await _git("archive", f"--output={archive}", f"--prefix={folder.name}/", commit)
    await command("tar", "-xf", archive, "-C", str(folder.parent))
    return folder


def running(folder: Path) -> dict[str, str]:
    """Return the environment in which Python's ``-m`` runs the release in the folder."""
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}


async def migrate(folder: Path, env: Mapping[str, str], *, log: Path, seconds: float) -> bool:
    """Run the release's ``python -m db migrate``; return whether it succeeded in that time."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "db", "migrate", env=os.environ | env | running(folder),
            stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            async with asyncio.timeout(seconds):
                return await process.wait() == 0
        except TimeoutError:
            return False
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _git(*arguments: str) -> str:
    return (await command("git", "-C", str(ROOT), *arguments)).strip()
