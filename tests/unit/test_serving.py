"""Tests of what serving leaves unsaid: that operations were given up."""

import asyncio
import gc
import sys
import warnings
from contextlib import suppress

import pytest
import strawberry

from api.serving import quieten


@strawberry.type
class Item:
    """What the query gives, each field a step of its own."""

    @strawberry.field
    async def first(self) -> str:
        """Give way once."""
        await asyncio.sleep(0)
        return "first"

    @strawberry.field
    async def second(self) -> str:
        """Give way once."""
        await asyncio.sleep(0)
        return "second"


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def items(self) -> list[Item]:
        """Give several."""
        await asyncio.sleep(0)
        return [Item(), Item()]


async def given_up_at_each_step() -> int:
    """Begin the operation again and again, and cancel it a step later each time; gives how often.

    The last one has come to its end by itself.
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
async def test_that_an_operation_was_given_up_is_not_warned_of(
    quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    said: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: said.append(str(told.exc_value)))
    # when
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if quiet:
            quieten()
        steps = await given_up_at_each_step()
        gc.collect()
    # then Python would have warned of it, which is why it is told not to
    assert steps > 3
    assert bool(said) != quiet
