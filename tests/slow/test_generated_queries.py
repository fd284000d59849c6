"""Tests of the requests generated for other tests: they contain everything intended."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    InlineFragmentNode,
    NamedTypeNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_composite_type,
    is_list_type,
    parse,
    validate,
    visit,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from schema.build import Policy, make
from schema.strawberry_patches import graphql_schema
from tests.support.generated.mistakes import MISTAKES
from tests.support.generated.queries import Request, requests
from tests.support.generated.values import Known

REQUESTS = 1200
SCHEMA = graphql_schema(make(Policy()).schema)
VALID_ALL_THE_SAME = {"mutation", "subscription", "empty selection", "wrong value of a variable"}
"""Mistakes with which a document may be valid: graphql-core reports them later, or never."""
TELLS_LATER = VALID_ALL_THE_SAME | {
    "missing variable",
    "no such operation",
    "no operation chosen",
}


def some(count: int, strategy: SearchStrategy[Request]) -> list[Request]:
    """Return that many requests, the same ones each time."""
    made: list[Request] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(request: Request) -> None:
        made.append(request)

    collect()
    return made


def read(request: Request) -> DocumentNode | None:
    """Return the document if it is valid, else None."""
    try:
        document = parse(request.document)
    except GraphQLError:
        return None
    return None if validate(SCHEMA, document) else document


class Features(Visitor):
    """Counter of a valid document's features, whatever the generator intended."""

    def __init__(self, found: Counter[str], types: TypeInfo) -> None:
        super().__init__()
        self.found = found
        self.types = types
        self.depth = 0
        self.keys: list[set[str]] = []

    def enter(self, node: Node, *_: Any) -> None:
        parent = self.types.get_parent_type()
        given = self.types.get_input_type()
        if isinstance(node, StringValueNode | EnumValueNode) and is_list_type(given):
            self.found["one for a list"] += 1
        match node:
            case FieldNode():
                self._field(node, parent)
            case InlineFragmentNode(type_condition=None):
                self.found["inline fragment without a type"] += 1
            case InlineFragmentNode(type_condition=NamedTypeNode(name=name)):
                self.found[f"inline fragment on {name.value}"] += 1
            case FragmentSpreadNode():
                self.found["fragment spread"] += 1
            case DirectiveNode():
                [argument] = node.arguments or ()
                by = "variable" if isinstance(argument.value, VariableNode) else "literal"
                self.found[f"@{node.name.value} by {by}"] += 1
            case StringValueNode(block=True):
                self.found["block string"] += 1
            case NullValueNode():
                self.found["null"] += 1
            case VariableDefinitionNode():
                self.found[f"variable of type {get_named_type(self.types.get_input_type())}"] += 1
                self.found["default"] += node.default_value is not None
            case ObjectValueNode() if any(
                isinstance(field.value, VariableNode) for field in node.fields
            ):
                self.found["variable in an object"] += 1
            case OperationDefinitionNode():
                self.found["named operation" if node.name else "anonymous operation"] += 1

    def leave(self, node: Node, *_: Any) -> None:
        if isinstance(node, FieldNode):
            self.depth -= 1
            self.keys.pop()

    def _field(self, node: FieldNode, parent: Any) -> None:
        if not self.depth:
            self.keys = [set()]
        self.found[f"{parent}.{node.name.value}"] += 1
        self.found["alias"] += node.alias is not None
        key = (node.alias or node.name).value
        self.found["key again"] += key in self.keys[-1]
        self.keys[-1].add(key)
        self.keys.append(set())
        self.depth += 1
        self.found[f"depth {self.depth}"] += 1


FEATURES = [
    *("alias", "key again", "fragment spread", "inline fragment without a type", "block string"),
    *("inline fragment on Node", "inline fragment on Query", "depth 8", "depth 7"),
    *("Patient.__typename", "Query.__schema", "Query.__type", "null", "default"),
    *("@skip by literal", "@skip by variable", "@include by literal", "@include by variable"),
    *("variable of type Int", "variable of type ID", "variable of type RecallFilter"),
    *("variable of type RecallTab", "variable of type Boolean", "variable in an object"),
    *("named operation", "anonymous operation", "several operations", "nested fragments"),
    *("escape", "comment", "variable left out", "variable that is null", "input object sent"),
    *("one for a list",),
]
"""Features found in hundreds of requests together, apart from fields and types."""


def features(valid: list[tuple[Request, DocumentNode]]) -> Counter[str]:
    """Return how often each feature is in the requests."""
    found: Counter[str] = Counter()
    for request, document in valid:
        types = TypeInfo(SCHEMA)
        visit(document, TypeInfoVisitor(types, Features(found, types)))
        found["comment"] += "# a comment" in request.document
        found["escape"] += "\\" in request.document
        operations = [n for n in document.definitions if isinstance(n, OperationDefinitionNode)]
        found["several operations"] += len(operations) > 1
        for fragment in document.definitions:
            if isinstance(fragment, FragmentDefinitionNode):
                inner = [
                    n for n in fragment.selection_set.selections if n.kind == "fragment_spread"
                ]
                found["nested fragments"] += bool(inner)
        sent = request.variables or {}
        for operation in operations:
            for definition in operation.variable_definitions or ():
                name = definition.variable.name.value
                found["variable left out"] += name not in sent
                found["variable that is null"] += sent.get(name, 0) is None
                found["input object sent"] += isinstance(sent.get(name), dict)
    return found


def reachable() -> Iterator[str]:
    """Yield every field that a query can reach, and every type that a node can have."""
    assert SCHEMA.query_type is not None
    seen: set[Any] = set()
    types: list[Any] = [SCHEMA.query_type]
    while types:
        of = types.pop()
        if of in seen or not is_composite_type(of):
            continue
        seen.add(of)
        if not isinstance(of, GraphQLObjectType):
            types += SCHEMA.get_possible_types(of)
            yield from (f"inline fragment on {one}" for one in SCHEMA.get_possible_types(of))
            continue
        for name, field in of.fields.items():
            yield f"{of}.{name}"
            types.append(get_named_type(field.type))


@pytest.fixture(scope="module")
def made() -> list[tuple[Request, DocumentNode | None]]:
    """Requests, each with its document if that is valid."""
    return [(request, read(request)) for request in some(REQUESTS, requests(SCHEMA, Known()))]


def test_most_documents_are_valid_and_many_are_not(
    made: list[tuple[Request, DocumentNode | None]],
) -> None:
    # when
    valid = sum(document is not None for _, document in made)
    # then
    assert 0.6 * REQUESTS < valid < 0.9 * REQUESTS


def test_a_request_without_a_mistake_is_valid(
    made: list[tuple[Request, DocumentNode | None]],
) -> None:
    # when
    refused = [one for one, document in made if one.mistake is None and document is None]
    # then
    assert refused == []


def test_every_field_that_can_be_reached_is_asked_for_in_every_way(
    made: list[tuple[Request, DocumentNode | None]],
) -> None:
    # when
    found = features([(one, document) for one, document in made if document is not None])
    # then
    fields = {*reachable()}
    missing = {name for name in fields if not found[name]}
    assert len(missing) < 0.1 * len(fields)
    assert {name.split(".")[0] for name in found} >= {name.split(".")[0] for name in fields}
    assert [name for name in FEATURES if not found[name]] == []


@pytest.mark.parametrize("mistake", sorted({*MISTAKES}))
def test_a_mistake_is_made(mistake: str) -> None:
    # given
    tried = some(12, requests(SCHEMA, Known(), mistake=mistake))
    # when
    made = [one for one in tried if one.mistake is not None]
    valid = [one for one in made if read(one) is not None]
    # then
    assert made
    assert len(valid) < len(made) or mistake in TELLS_LATER
