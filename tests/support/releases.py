"""Releases for tests of upgrades: the same functions, in files with different text."""

import shutil
from pathlib import Path

from db.migrate import FUNCTIONS


def another_release(directory: Path, number: int) -> Path:
    """Return a folder of functions that differs from every other release's."""
    functions = directory / f"release {number}"
    shutil.copytree(FUNCTIONS, functions)
    with (functions / "tenancy.sql").open("a") as file:
        file.write(f"-- Release {number}.\n")
    return functions
