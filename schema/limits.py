"""How much an operation may ask for: measured in one walk, before it is validated or run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
)
from graphql.type.definition import get_nullable_type

from schema.inputs import DEFAULT_PAGE, LARGEST_PAGE

LIST = 10
"""Objects that a list without pages is taken to have: a recall's attempts, a shared number."""
MOST_SIZES = 1000
"""Page sizes of a document that are remembered."""
MANY = 10**9
"""What is not counted any further."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may have of each."""

    tokens: int = 1500
    """Names, numbers and brackets of the whole document."""
    depth: int = 15
    """Fields inside each other; GraphiQL's own question about the schema has 15."""
    fields: int = 400
    """Fields, those of a fragment wherever it is spread."""
    fragments: int = 60
    """Fragments spread, and those written inline: validation compares each with each."""
    repeats: int = 40
    """Fields that stand again in the same braces; compared each with each as well."""
    aliases: int = 50
    directives: int = 50
    root_fields: int = 20
    objects: int = 50_000
    """Objects that the answer may have, by the sizes of the pages that are asked for."""
    seconds: float = 10.0
    """How long a query may take."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What an operation, or a part of one, asks for."""

    depth: int = 0
    fields: int = 0
    fragments: int = 0
    repeats: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    objects: int = 0


def too_complex(message: str) -> GraphQLError:
    """Give the error for an operation that asks for too much."""
    return GraphQLError(message, extensions={"code": "OPERATION_TOO_COMPLEX"})


def check(found: Measure, limits: Limits) -> None:
    """Raise ``GraphQLError`` with OPERATION_TOO_COMPLEX where a limit is passed; it says which."""
    for field in fields(found):
        asked, most = getattr(found, field.name), getattr(limits, field.name)
        if asked > most:
            name = field.name.replace("_", " ")
            many = "far more" if asked >= MANY else str(asked)
            raise too_complex(
                f"The operation asks for too much: {name} may be {most} at most, and is {many}."
            )


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    most_depth: int,
) -> Measure:
    """Measure the operation. Each fragment is looked into once, however often it is spread.

    ``variables`` are as the client sent them. Nothing deeper than ``most_depth`` is looked into.
    """
    root = schema.get_root_type(operation.operation)
    walk = _Walk(schema, document, operation, variables, most_depth)
    fragments, repeats = _shape(document)
    return replace(walk.operation(operation, root), fragments=fragments, repeats=repeats)


class _Walk:
    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        most_depth: int,
    ) -> None:
        self._schema = schema
        self._most_depth = most_depth
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[tuple[str, int], Measure] = {}
        self._given = {
            definition.variable.name.value: variables.get(
                definition.variable.name.value, _literal(definition.default_value)
            )
            for definition in operation.variable_definitions or ()
        }

    def operation(
        self, operation: OperationDefinitionNode, root: GraphQLObjectType | None
    ) -> Measure:
        found = self._selections(operation.selection_set, root, 1, LIST)
        directives = found.directives + len(operation.directives or ())
        roots = self._roots(operation.selection_set, set())
        return replace(found, directives=directives, root_fields=roots)

    def _selections(self, node: SelectionSetNode, of: Any, depth: int, page: int) -> Measure:
        """Measure what is asked of an object of the type; ``page`` is its connection's size."""
        deepest = fields = aliases = directives = objects = 0
        for selection in node.selections:
            directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                inner = self._field(selection, of, depth, page)
            elif isinstance(selection, FragmentSpreadNode):
                inner = self._fragment(selection.name.value, depth, page)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner_of = self._type(condition.name.value) if condition else of
                inner = self._selections(selection.selection_set, inner_of, depth, page)
            else:
                continue
            deepest = max(deepest, inner.depth)
            fields += inner.fields
            aliases += inner.aliases
            directives += inner.directives
            objects += inner.objects
        return Measure(
            depth=deepest,
            fields=min(fields, MANY),
            aliases=min(aliases, MANY),
            directives=min(directives, MANY),
            objects=min(objects, MANY),
        )

    def _field(self, node: FieldNode, of: Any, depth: int, page: int) -> Measure:
        alias = 1 if node.alias else 0
        if node.selection_set is None or depth > self._most_depth:
            return Measure(depth=depth, fields=1, aliases=alias)
        declared = getattr(of, "fields", {}).get(node.name.value)
        inner_of = get_named_type(declared.type) if declared else None
        times, inner_page = 1, LIST
        if declared and "first" in declared.args:
            inner_page = self._page(node)
        elif declared and is_list_type(get_nullable_type(declared.type)):
            times = page
        inner = self._selections(node.selection_set, inner_of, depth + 1, inner_page)
        return replace(
            inner,
            fields=inner.fields + 1,
            aliases=inner.aliases + alias,
            objects=min(times * (1 + inner.objects), MANY),
        )

    def _fragment(self, name: str, depth: int, page: int) -> Measure:
        """Measure a fragment where it is spread: at the top of it, ``depth`` fields deep."""
        key = name, page
        if key not in self._known:
            self._known[key] = Measure()  # of a fragment inside itself, which validation tells of
            fragment = self._fragments.get(name)
            if fragment is not None:
                of = self._type(fragment.type_condition.name.value)
                found = self._selections(fragment.selection_set, of, 0, page)
                own = len(fragment.directives or ())
                self._known[key] = replace(found, directives=found.directives + own)
        known = self._known[key]
        return replace(known, depth=depth + known.depth)

    def _roots(self, node: SelectionSetNode, spread: set[str]) -> int:
        count = 0
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                count += 1
            elif isinstance(selection, InlineFragmentNode):
                count += self._roots(selection.selection_set, spread)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                # Once is enough: what is spread again answers under the same names.
                spread.add(selection.name.value)
                fragment = self._fragments.get(selection.name.value)
                count += self._roots(fragment.selection_set, spread) if fragment else 0
        return count

    def _page(self, node: FieldNode) -> int:
        """Give the size of a connection's page; a wrong one has an error of its own, later."""
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value: Any = argument.value
                size = (
                    self._given.get(value.name.value)
                    if isinstance(value, VariableNode)
                    else _literal(value)
                )
                if size is None:
                    return DEFAULT_PAGE
                valid = isinstance(size, int) and 1 <= size <= LARGEST_PAGE
                return size if valid else 1
        return DEFAULT_PAGE

    def _type(self, name: str) -> Any:
        return self._schema.type_map.get(name)


def _literal(node: Any) -> int | None:
    return int(node.value[:9]) if isinstance(node, IntValueNode) else None


def checking(
    schema: GraphQLSchema, limits: Limits
) -> Callable[[DocumentNode, OperationDefinitionNode], Callable[[Mapping[str, Any]], None]]:
    """Give what checks an operation once, and then only page sizes that it hasn't seen."""

    def check_document(
        document: DocumentNode, operation: OperationDefinitionNode
    ) -> Callable[[Mapping[str, Any]], None]:
        names = _page_variables(document)
        within: set[tuple[Any, ...]] = set()

        def check_sizes(variables: Mapping[str, Any]) -> None:
            sizes = tuple([variables.get(name) for name in names])
            if sizes not in within:
                check(measure(schema, document, operation, variables, limits.depth), limits)
                within.add(sizes)
                if len(within) > MOST_SIZES:
                    within.clear()

        check_sizes(dict.fromkeys(names, 1))  # the least; each request's own sizes come later
        return check_sizes

    return check_document


def _shape(document: DocumentNode) -> tuple[int, int]:
    """Count the document's fragments, spread and inline, and the fields that stand again.

    Of all that is written, used or not: validation looks at all of it.
    """
    fragments = repeats = 0
    waiting = [
        node.selection_set
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while waiting:
        names: set[str] = set()
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                name = (selection.alias or selection.name).value
                repeats += name in names
                names.add(name)
            else:
                fragments += 1
            inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if inner is not None:
                waiting.append(inner)
    return fragments, repeats


def _page_variables(document: DocumentNode) -> list[str]:
    """Give the names of the variables that say how large a page is: the measure depends on them."""
    found: set[str] = set()
    _collect(document, found)
    return sorted(found)


def _collect(node: Any, found: set[str]) -> None:
    for definition in node.definitions:
        selections = getattr(definition, "selection_set", None)
        waiting = [selections] if selections else []
        while waiting:
            for selection in waiting.pop().selections:
                for argument in getattr(selection, "arguments", None) or ():
                    if argument.name.value == "first" and isinstance(argument.value, VariableNode):
                        found.add(argument.value.name.value)
                inner = getattr(selection, "selection_set", None)
                if inner is not None:
                    waiting.append(inner)
