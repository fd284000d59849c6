"""Releases for tests of upgrades: functions that do the same, but are other ones."""

import shutil
from pathlib import Path

from db.scripts import FUNCTIONS

FILLS_COLUMNS = "create function logic.denormalised_of("


def another_release(directory: Path, number: int, *, fills_columns: bool = False) -> Path:
    """Return a folder of functions that differs from every other release's.

    ``fills_columns``: so does a function that the denormalised columns depend on.
    """
    functions = directory / f"release {number}"
    shutil.copytree(FUNCTIONS, functions)
    with (functions / "tenancy.sql").open("a") as file:
        file.write(f"select {number};\n")
    if fills_columns:
        filling = functions / "denormalised_columns.sql"
        text = filling.read_text()
        assert FILLS_COLUMNS in text
        filling.write_text(text.replace(FILLS_COLUMNS, f"{FILLS_COLUMNS} /* release {number} */"))
    return functions
