"""Tests of what is locked: the same versions everywhere, and all that Debian's Python lacks."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def locked(name: str) -> set[str]:
    """Return each requirement of a file, with its hashes."""
    lines = (ROOT / f"requirements{name}.txt").read_text().replace("\\\n", "").splitlines()
    return {line for line in lines if not line.startswith("#")}


@pytest.mark.parametrize(("fewer", "more"), [("", "-demo"), ("-demo", "-dev")])
def test_installing_more_keeps_the_versions_already_there(fewer: str, more: str) -> None:
    assert locked(fewer) < locked(more)


def test_the_oldest_supported_python_gets_a_package_that_later_ones_have_built_in() -> None:
    # then: redis needs it before 3.11.3, and Debian 12 has 3.11.2
    assert any(
        line.startswith("async-timeout") and "python_full_version < '3.11.3'" in line
        for line in locked("")
    )
