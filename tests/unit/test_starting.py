"""Tests of what a process imports to start: what it needs, while nothing is collected."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SERVING = "import api.commands.serve, api.starting; api.starting.make_app()"
"""What a process has imported once it can answer, but for the event loop."""
UNNEEDED = [
    *("aiohttp", "api.oidc"),  # for the identity provider's keys alone
    *("api.importing", "api.commands.practice", "api.commands.token", "rich"),
    *("alembic", "sqlalchemy", "workers.jobs", "strawberry.federation.schema_directives"),
]


def started(statements: str) -> dict[str, Any]:
    """Return a fresh interpreter's modules, and what its garbage collector does."""
    then = (
        "import gc, json, sys; print(json.dumps({'modules': list(sys.modules),"
        " 'collects': gc.isenabled(), 'frozen': gc.get_freeze_count()}))"
    )
    run = [sys.executable, "-c", f"{statements}\n{then}"]
    output = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    told: dict[str, Any] = json.loads(output)
    return told


@pytest.fixture(scope="module")
def serving() -> dict[str, Any]:
    """A process that serves."""
    return started(SERVING)


@pytest.mark.parametrize("module", UNNEEDED)
def test_serving_imports_nothing_that_it_does_not_need(
    serving: dict[str, Any], module: str
) -> None:
    assert module not in serving["modules"]


def test_what_was_imported_is_never_scanned_and_what_follows_is_collected(
    serving: dict[str, Any],
) -> None:
    assert serving["collects"]
    assert serving["frozen"] > 100_000


@pytest.mark.parametrize("command", ["api", "workers"])
def test_nothing_is_collected_while_a_command_is_imported(command: str) -> None:
    # when
    told = started(f"import {command}.__main__")
    # then
    assert told["collects"]
    assert told["frozen"] > 10_000


def test_the_parent_of_several_processes_imports_no_schema() -> None:
    # when
    modules = started("import api.commands.serve")["modules"]
    # then
    assert {"strawberry", "graphql", "schema", "api.app"}.isdisjoint(modules)


def test_a_schema_of_strawberrys_own_still_imports_federations_directives() -> None:
    # when
    modules = started(
        "import strawberry; Query = type('Query', (), {'__annotations__': {'answer': int}});"
        " strawberry.Schema(strawberry.type(Query))"
    )["modules"]
    # then
    told = "It no longer does: remove RecallsSchema._warn_for_federation_directives"
    assert "strawberry.federation.schema_directives" in modules, told
