"""Hypothesis strategies for requests that a schema answers or refuses, made from the schema.

They are our own because hypothesis-graphql (0.13) makes no variables, named fragments, directives,
operation names or merged fields.
"""

from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema
from hypothesis import strategies as st

from tests.support.generated.documents import Document, Operation, written
from tests.support.generated.mistakes import (
    IN_DOCUMENT,
    MISTAKES,
    OTHER_OPERATION,
    SYNTAX,
    WRONG_VARIABLE,
    broken,
    other_operation,
    wrong_variables,
)
from tests.support.generated.selections import Writer
from tests.support.generated.values import Dice, Known, Values

ANY_OR_NONE = "any or none"
CARELESS = "careless values"
NAMES = ["Q", "query", "mutation", "on", "Zz_1"]
CAREFUL_SHARE, CARELESS_SHARE = 58, 12
"""Percentages of requests; the others have one mistake."""


@dataclass(frozen=True)
class Request:
    """A client's request. ``mistake`` names the deliberate mistake, if there is one."""

    document: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    mistake: str | None = None


@st.composite
def requests(
    draw: st.DrawFn, schema: GraphQLSchema, known: Known, mistake: str | None = ANY_OR_NONE
) -> Request:
    """Generate requests for queries of the schema, most of which are answered with data.

    Each has the given mistake if it can be made; by default some have a random one, most none.
    """
    dice = Dice(draw)
    if mistake == ANY_OR_NONE:
        mistake = _mistake(dice)
    types = {"Query.__type(name:)": [*schema.type_map, "Nope"]}
    known = replace(known, right={**types, **known.right})
    values = Values(dice, known, careless=mistake == CARELESS)
    countdown = dice.below(4) if mistake else 0
    document, made = _document(schema, values, mistake, countdown)
    sent = {one.name: one.value[0] for one in values.variables.values() if one.value}

    if mistake in IN_DOCUMENT:
        IN_DOCUMENT[mistake](document, dice)
    elif mistake in OTHER_OPERATION:
        other_operation(document, mistake, schema, values)
    elif mistake == WRONG_VARIABLE:
        wrong_variables(document, values, sent)
    elif mistake not in (SYNTAX, CARELESS) and not made:
        mistake = None
    if dice.chance(5):
        sent["another"] = dice.pick([1, None, "of no use"])
    tokens = document.tokens()
    if mistake == SYNTAX:
        tokens = broken(tokens, dice)
    text = written(tokens, dice)
    variables = sent if sent or dice.chance(50) else None
    return Request(text, variables, document.operation_name, mistake)


def _mistake(dice: Dice) -> str | None:
    roll = dice.below(100)
    if roll < CAREFUL_SHARE:
        return None
    return CARELESS if roll < CAREFUL_SHARE + CARELESS_SHARE else dice.pick(MISTAKES)


def _document(
    schema: GraphQLSchema, values: Values, mistake: str | None, countdown: int
) -> tuple[Document, bool]:
    """Return a document, and whether the mistake has been made in it."""
    dice = values.dice
    root = schema.query_type
    assert isinstance(root, GraphQLObjectType)
    writer = Writer(schema, values, mistake, countdown)
    count = dice.pick([2, 3]) if dice.chance(14) else 1
    names: list[str | None] = [*NAMES[:count]]
    if count == 1:
        names = [dice.pick([None, *NAMES])]
    operations = [Operation("query", name, writer.operation(root)) for name in names]
    chosen = dice.pick(operations)
    document = Document(
        operations,
        [one.fragment for one in writer.fragments],
        values.variables,
        chosen,
        operation_name=chosen.name if count > 1 or dice.chance(40) else None,
        fragments_first=dice.chance(30),
    )
    return document, writer.made
