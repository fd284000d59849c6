"""Tests of what serving doesn't log: that operations were given up, and repeated lines."""

import asyncio
import gc
import logging
import sys
import warnings
from contextlib import suppress

import pytest
import strawberry

from api.uvicorn_patches import KINDS, Seldom, quiet_warnings


@strawberry.type
class Item:
    """What the query returns; each field is its own step."""

    @strawberry.field
    async def first(self) -> str:
        """Yield to the loop once."""
        await asyncio.sleep(0)
        return "first"

    @strawberry.field
    async def second(self) -> str:
        """Yield to the loop once."""
        await asyncio.sleep(0)
        return "second"


@strawberry.type
class Query:
    """The root type."""

    @strawberry.field
    async def items(self) -> list[Item]:
        """Return several."""
        await asyncio.sleep(0)
        return [Item(), Item()]


async def given_up_at_each_step() -> int:
    """Begin the operation repeatedly, cancelling it a step later each time; return how often.

    The last one ends by itself.
    """
    schema = strawberry.Schema(Query)
    steps = 0
    while True:
        operation = asyncio.create_task(schema.execute("{ items { first second } }"))
        for _ in range(steps):
            await asyncio.sleep(0)
        if operation.done():
            return steps
        operation.cancel()
        with suppress(asyncio.CancelledError):
            await operation
        steps += 1


@pytest.mark.parametrize("quiet", [False, True])
async def test_an_operation_that_was_given_up_causes_no_warning(
    quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    said: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: said.append(str(told.exc_value)))
    # when
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if quiet:
            quiet_warnings()
        steps = await given_up_at_each_step()
        gc.collect()
    # then Python would have warned, which is why it is told not to
    assert steps > 3
    assert bool(said) != quiet


def said_by(
    times: int, seldom: Seldom, text: str = "a post to %s had a wrong signature"
) -> list[str]:
    records = [
        logging.LogRecord("api.signed", logging.WARNING, "", 0, text, ("/replies",), None)
        for _ in range(times)
    ]
    return [each.getMessage() for each in records if seldom.filter(each)]


def test_a_line_that_anybody_can_cause_is_written_once_a_minute_with_a_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    seldom = Seldom()
    # when
    first = said_by(1_000, seldom)
    another = said_by(1, seldom, "a receipt came by %s")
    monkeypatch.setattr("api.uvicorn_patches.EVERY", 0.0)
    later = said_by(1, seldom)
    # then
    assert first == ["a post to /replies had a wrong signature"]
    assert another == ["a receipt came by /replies"]
    assert later == [f"{first[0]} (and 999 more times since last logged)"]


def test_no_more_lines_are_remembered_than_allowed() -> None:
    # given
    seldom = Seldom()
    # when
    for number in range(KINDS + 10):
        said_by(1, seldom, f"{number} %s")
    # then
    assert len(seldom._said) == KINDS


def test_lines_count_as_the_same_whatever_a_client_put_in_them() -> None:
    # given
    seldom = Seldom()

    def says(level: int, value: str) -> bool:
        return seldom.filter(logging.LogRecord("x", level, "", 0, "from %r", (value,), None))

    # then
    assert [says(logging.WARNING, str(n)) for n in range(3)] == [True, False, False]
    assert [says(logging.ERROR, str(n)) for n in range(3)] == [True, True, True]
