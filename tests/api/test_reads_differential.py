"""Test that the fast read path answers every request byte for byte as graphql-core does.

RECALLS_DIFFERENTIAL=50000 makes it a long run, with different requests each time unless pytest is
given a --hypothesis-seed.
"""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import orjson
import pytest
from graphql import (
    DirectiveNode,
    FieldNode,
    VariableNode,
    Visitor,
    get_operation_ast,
    parse,
    visit,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.identity import Role
from db.pool import open_owner_pool, open_reads
from dev.servers.running import as_application
from schema.build import Policy, make
from schema.context import Context
from schema.strawberry_patches import graphql_schema
from tests.support.generated.queries import Request, requests
from tests.support.reading import Reader, on_graphql_core, readers
from tests.support.tiers import length

schema, queries = make(Policy())

Path: TypeAlias = Callable[[Request, Context], Awaitable[bytes | None]]

REQUESTS = int(os.environ.get("RECALLS_DIFFERENTIAL", length(100, 2000)))
ANSWERED_AT_LEAST = 0.3
PREVIEWS = {"automatedRunPreview", "sendPreview", "templatePreview", "checkMobile"}
NOT_COVERED = {"__schema", "__type", *PREVIEWS}
"""Fields that graphql-core always answers."""
ROLES = [Role.ADMIN, Role.RECEPTIONIST] * 4 + [Role.CONNECTOR]


async def on_the_fast_path(request: Request, context: Context) -> bytes | None:
    """Return the fast path's answer, or None if it leaves the request to graphql-core."""
    return await queries.answer(
        request.document, request.variables, request.operation_name, context
    )


@dataclass
class Comparison:
    """Comparison of a path with graphql-core, request by request."""

    path: Path
    seen: Counter[str] = field(default_factory=Counter)

    async def of(self, request: Request, reader: Reader, role: Role) -> None:
        if "auditEvents" in request.document and re.search(r"\bnode\b", request.document):
            return  # looking at a recall adds an event, so the second answer has one more
        plain = await on_graphql_core(request, reader.context(role))
        fast = await self.path(request, reader.context(role))
        self.seen["requests"] += 1
        self.seen["answered fast"] += fast is not None
        assert fast is None or fast == plain
        if plain is not None:
            # Every request is answered, or refused for what is wrong with it.
            assert b"INTERNAL_SERVER_ERROR" not in plain
            errors = "errors" in orjson.loads(plain)
            self.seen["with errors"] += errors
            assert fast is not None or errors or not covered(request)
        else:
            self.seen["no query"] += 1


def covered(request: Request) -> bool:
    """Return whether the fast path must answer the request if it has no errors."""
    document = parse(request.document)
    # Strawberry runs the first of several if none is named; the specification wants an error.
    chosen = request.operation_name is not None or get_operation_ast(document) is not None
    found: set[str] = set()
    looked_at: set[str] = set()

    class Names(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            found.add(node.name.value)

        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            given = [argument.value for argument in node.arguments or ()]
            looked_at.update(value.name.value for value in given if isinstance(value, VariableNode))

    visit(document, Names())
    # A null over a directive's default is an error only if there is a row to evaluate it for.
    nulls = {name for name, value in (request.variables or {}).items() if value is None}
    return chosen and found.isdisjoint(NOT_COVERED) and nulls.isdisjoint(looked_at)


def turned(request: Request) -> Request:
    """Return the request with each boolean among its variables negated."""
    sent = (request.variables or {}).items()
    other = {name: not value if isinstance(value, bool) else value for name, value in sent}
    return replace(request, variables=other)


@contextmanager
def both_practices(database_url: str) -> Iterator[tuple[asyncio.Runner, tuple[Reader, Reader]]]:
    with asyncio.Runner() as runner:
        pool = runner.run(open_owner_pool(database_url, name="differential"))
        reads = runner.run(open_reads(as_application(database_url), name="differential reads"))
        try:
            yield runner, runner.run(readers(pool, reads))
        finally:
            runner.run(reads.close())
            runner.run(pool.close())


def compare(database_url: str, path: Path, limits: settings) -> Counter[str]:
    """Compare as many requests as the limits say; return how many there were of each kind."""
    comparison = Comparison(path)
    with both_practices(database_url) as (runner, of_both):
        asked = st.sampled_from(of_both).flatmap(
            lambda reader: st.tuples(
                requests(graphql_schema(schema), reader.known),
                st.just(reader),
                st.sampled_from(ROLES),
            )
        )
        again = st.sampled_from([None] * 10 + [*of_both])

        @limits
        @given(asked, again)
        def every_request_is_answered_alike(
            asked: tuple[Request, Reader, Role], again: Reader | None
        ) -> None:
            runner.run(comparison.of(*asked))
            if again is not None:
                # The document is known by now; another viewer asks with other variables.
                runner.run(comparison.of(turned(asked[0]), again, Role.ADMIN))

        every_request_is_answered_alike()
    return comparison.seen


@pytest.mark.takes_long("asks everything twice")
@pytest.mark.both
@pytest.mark.timeout(max(400, REQUESTS // 5))  # if it fails, it looks for the shortest request
def test_the_fast_path_answers_as_graphql_core_does(database_url: str) -> None:
    # when
    seen = compare(
        database_url,
        on_the_fast_path,
        settings(
            max_examples=REQUESTS,
            derandomize="RECALLS_DIFFERENTIAL" not in os.environ,
            database=None,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )

    # then
    print(dict(seen))
    assert seen["requests"] >= 0.9 * REQUESTS  # hypothesis discards some
    assert seen["answered fast"] > ANSWERED_AT_LEAST * seen["requests"]


def lists_turned_round(answer: Any) -> Any:
    if isinstance(answer, list):
        return [lists_turned_round(one) for one in answer[::-1]]
    if isinstance(answer, dict):
        return {key: lists_turned_round(value) for key, value in answer.items()}
    return answer


def keys_turned_round(answer: Any) -> Any:
    if isinstance(answer, list):
        return [keys_turned_round(one) for one in answer]
    if isinstance(answer, dict):
        return {key: keys_turned_round(value) for key, value in [*answer.items()][::-1]}
    return answer


def nulls_left_out(answer: Any) -> Any:
    if isinstance(answer, list):
        return [nulls_left_out(one) for one in answer]
    if isinstance(answer, dict):
        return {key: nulls_left_out(one) for key, one in answer.items() if one is not None}
    return answer


def spoilt(spoil: Callable[[Any], Any]) -> Path:
    async def path(request: Request, context: Context) -> bytes | None:
        answer = await on_graphql_core(request, context)
        return None if answer is None else orjson.dumps(spoil(orjson.loads(answer)))

    return path


async def of_the_neighbour(request: Request, context: Context) -> bytes | None:
    context.viewer = replace(context.viewer, practice_id=3 - context.practice_id)
    return await on_graphql_core(request, context)


async def of_everybody(request: Request, context: Context) -> bytes | None:
    context.viewer = replace(context.viewer, role=Role.ADMIN)
    return await on_graphql_core(request, context)


async def of_nothing(request: Request, context: Context) -> bytes | None:
    del request, context
    return None


WRONG_PATHS = {
    "lists in another order": spoilt(lists_turned_round),
    "keys in another order": spoilt(keys_turned_round),
    "nulls left out": spoilt(nulls_left_out),
    "errors left out": spoilt(lambda answer: {"data": answer["data"]}),
    "the neighbour's data": of_the_neighbour,
    "answers whatever the role": of_everybody,
    "no answer at all": of_nothing,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG_PATHS)
def test_a_path_that_answers_differently_is_found_out(database_url: str, name: str) -> None:
    # given
    few = settings(
        max_examples=200,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    # when / then
    with pytest.raises(AssertionError):
        compare(database_url, WRONG_PATHS[name], few)
