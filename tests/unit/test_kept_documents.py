"""Tests of trusted documents: parsed and validated once, when they are first asked for."""

from contextlib import nullcontext
from types import SimpleNamespace

import graphql
import pytest

from schema import guard, strawberry_patches
from schema.build import Executable, Policy, make

TRUSTED = "mutation { __typename }"
OTHERS = [f"mutation {{ n{n}: __typename }} #" + "x" * 5000 for n in range(9)]


@pytest.fixture
def worked_on(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents parsed and validated so far."""
    found: list[str] = []
    parse, errors_in = graphql.parse, strawberry_patches.errors_in

    def parse_noted(text, **options):  # type: ignore[no-untyped-def]
        found.append(f"parse {text}")
        return parse(text, **options)

    def errors_noted(schema, document, **options):  # type: ignore[no-untyped-def]
        found.append("validate")
        return errors_in(schema, document, **options)

    monkeypatch.setattr(guard, "parse", parse_noted)
    monkeypatch.setattr(guard, "errors_in", errors_noted)
    return found


async def run(executable: Executable, text: str) -> object:
    """Return what graphql-core answers, in a context that never waits."""
    context = SimpleNamespace(turn=nullcontext)
    return (await executable.schema.execute(text, context_value=context)).data


def made(*trusted: str) -> Executable:
    """Return one that no other test has run anything on."""
    return make.__wrapped__(Policy(open=False), frozenset(trusted))


def test_a_start_looks_at_no_document(worked_on: list[str]) -> None:
    # when
    made(TRUSTED, "{ nope }")
    # then
    assert worked_on == []


async def test_a_trusted_document_is_parsed_and_validated_once_whatever_else_is_run(
    worked_on: list[str],
) -> None:
    # given
    executable = made(TRUSTED)
    for text in (TRUSTED, *OTHERS):
        assert await run(executable, text)
    assert worked_on.count("validate") == 1 + len(OTHERS)
    worked_on.clear()
    # when
    data = await run(executable, TRUSTED)
    # then
    assert data == {"__typename": "Mutation"}
    assert worked_on == []


async def test_a_trusted_document_is_kept_however_long_it_is(worked_on: list[str]) -> None:
    # given
    fields = " ".join(f"n{n}: __typename" for n in range(10))
    text = f"mutation {{ {fields} }} # " + "x" * 50_000
    executable = made(text)
    await run(executable, text)
    worked_on.clear()
    # when
    data = await run(executable, text)
    # then
    assert data is not None
    assert worked_on == []
