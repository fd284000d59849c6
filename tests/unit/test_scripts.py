"""Tests of the SQL files: their order, and what the denormalised columns depend on."""

import shutil
from pathlib import Path

import pytest

from db.scripts import FUNCTIONS, columns_digest, digest


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the files, to be changed."""
    return Path(shutil.copytree(FUNCTIONS, tmp_path / "sql"))


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.sql"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_every_file_is_loaded() -> None:
    # when
    loaded = {*(FUNCTIONS / "ORDER").read_text().split(), "triggers"}
    # then
    assert loaded == {path.stem for path in FUNCTIONS.glob("*.sql")}


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("rule", "create function logic.sms_block_reason("),
        ("rule", "create view logic.patient_sms"),
        ("recall_status", "create function logic.category_of("),
        ("denormalised_columns", "create or replace function triggers.set_columns("),
    ],
)
def test_the_columns_depend_on_all_that_fills_them(changed: Path, name: str, old: str) -> None:
    # when
    change(changed, name, old, f"{old} /* changed */")
    # then
    assert columns_digest(changed) != columns_digest(FUNCTIONS)


def test_the_columns_depend_on_nothing_else(changed: Path) -> None:
    # when
    change(
        changed, "message", "create function logic.sms_body(", "create function logic.sms_body( "
    )
    change(changed, "message", "segments := segments + 1", "segments := segments + 2")
    change(changed, "rule", "create function logic.sms_block_message(", "/* changed */ create ")
    # then
    assert columns_digest(changed) == columns_digest(FUNCTIONS)


def test_a_comment_changes_no_digest() -> None:
    assert digest("select 1; -- one\n\nselect 2;") == digest("select 1;\n  select 2;  -- two")
    assert digest("select 1;") != digest("select 2;")
