"""Limits on what an operation may ask for, measured in one walk before it is validated or run."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Undefined,
    VariableNode,
    get_named_type,
    is_list_type,
)
from graphql.type.definition import get_nullable_type

from db.types import MAX_AT_ONCE, MAX_EACH
from schema.inputs import DEFAULT_PAGE, MAX_PAGE

LIST, LIST_IN_LIST = 10, MAX_EACH
"""Objects assumed in a list without pages: a recall's attempts, the patients of a shared number.

Most have one or two; but if one is long, so are those inside it.
"""
PAGES = range(1, MAX_PAGE + 1)
"""Sizes that a page may have."""
MAX_SIZES = 1000
"""Sets of page sizes that are remembered for a document."""
MANY = 10**9
"""Counting stops here."""
_Executable: TypeAlias = OperationDefinitionNode | FragmentDefinitionNode


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may have of each measure."""

    tokens: int = 1500
    """Names, numbers and brackets in the whole document."""
    depth: int = 15
    """Fields inside each other; GraphiQL's introspection query has 15."""
    fields: int = 400
    """Fields, with those of a fragment counted wherever it is spread."""
    fragments: int = 60
    """Fragment spreads and inline fragments: validation compares each with each."""
    repeats: int = 40
    """Fields repeated within the same braces: validation compares these each with each, too."""
    aliases: int = 50
    directives: int = 50
    root_fields: int = 20
    objects: int = MAX_AT_ONCE
    """Objects in the answer: estimated by the page sizes asked for before the operation runs, and
    counted by the rows found before the answer is written."""
    seconds: float = 10.0
    """Time limit of a query."""


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
    """Return the error for an operation that asks for too much."""
    return GraphQLError(message, extensions={"code": "OPERATION_TOO_COMPLEX"})


def check(found: Measure, limits: Limits) -> None:
    """Raise ``GraphQLError`` (OPERATION_TOO_COMPLEX) if a limit is exceeded; it says which."""
    for each in fields(found):
        asked, most = getattr(found, each.name), getattr(limits, each.name)
        if asked > most:
            name = each.name.replace("_", " ")
            many = "far more" if asked >= MANY else str(asked)
            raise too_complex(
                f"The operation asks for too much: {name} may be at most {most}, but is {many}."
            )


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Measure:
    """Measure a document whose ``operation`` will run. Each fragment is walked once.

    Depth, fields, aliases and directives are maxima over all operations and fragments, run or
    not, because validation looks at all of them. ``variables`` are as the client sent them.
    """
    walk = _Walk(schema, document, operation, variables)
    parts = [(node, walk.definition(node)) for node in walk.definitions]
    [run] = [part for node, part in parts if node is operation]
    return Measure(
        depth=max(part.depth for _, part in parts),
        fields=max(part.fields for _, part in parts),
        fragments=walk.shape.fragments,
        repeats=walk.shape.repeats,
        aliases=max(part.aliases for _, part in parts),
        directives=max(part.directives for _, part in parts),
        root_fields=walk.roots(operation),
        objects=min(run.objects + run.paged * LIST, MANY),
    )


class _Part(NamedTuple):
    """What a part of a document asks for."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    objects: int = 0
    paged: int = 0
    """Objects for each row of the page around it; a fragment's page is that of its spread."""


class _Walk:
    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self.definitions = _executable(document)
        self.shape = _shape(document)
        self._given = {
            definition.variable.name.value: variables.get(
                definition.variable.name.value, _literal(definition.default_value)
            )
            for definition in operation.variable_definitions or ()
        }
        self._fragments = {
            node.name.value: node
            for node in self.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, _Part] = {}
        for name in _innermost_first(self._fragments, self.shape.spreads):
            self._known[name] = self.definition(self._fragments[name])

    def definition(self, node: _Executable) -> _Part:
        """Measure an operation, or a fragment whose own fragments have been measured."""
        if isinstance(node, FragmentDefinitionNode):
            name = node.name.value
            if name in self._known and self._fragments[name] is node:
                return self._known[name]
            of: Any = self._schema.type_map.get(node.type_condition.name.value)
        else:
            of = self._schema.get_root_type(node.operation)
        found = self._part(node.selection_set, of)
        own = len(node.directives or ())
        for variable in node.variable_definitions or ():
            own += len(variable.directives or ())
        return found._replace(directives=found.directives + own)

    def _part(self, node: SelectionSetNode, of: Any) -> _Part:
        """Measure what is selected on an object of the type."""
        depth = fields = aliases = directives = objects = paged = 0
        for selection in node.selections:
            directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                fields += 1
                aliases += selection.alias is not None
                depth = max(depth, 1)
                if selection.selection_set is None:
                    continue
                declared = getattr(of, "fields", {}).get(selection.name.value)
                inner_of = get_named_type(declared.type) if declared else None
                inner = self._part(selection.selection_set, inner_of)
                depth = max(depth, 1 + inner.depth)
                if declared and "first" in declared.args:
                    objects += 1 + inner.objects + inner.paged * self._page(selection)
                elif declared and is_list_type(get_nullable_type(declared.type)):
                    # A page's rows are a list, too.
                    length = LIST if "pageInfo" in of.fields else LIST_IN_LIST
                    paged += 1 + inner.objects + inner.paged * length
                else:
                    objects += 1 + inner.objects + inner.paged * LIST
            else:
                inner = self._inside(selection, of)
                depth = max(depth, inner.depth)
                objects += inner.objects
                paged += inner.paged
            fields += inner.fields
            aliases += inner.aliases
            directives += inner.directives
        found = (depth, fields, aliases, directives, objects, paged)
        return _Part(*[min(count, MANY) for count in found])

    def _inside(self, selection: SelectionNode, of: Any) -> _Part:
        """Measure a fragment spread or an inline fragment."""
        if isinstance(selection, FragmentSpreadNode):
            # An unknown one is inside itself or missing, which validation reports.
            return self._known.get(selection.name.value, _Part())
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            inner_of = self._schema.type_map.get(condition.name.value) if condition else of
            return self._part(selection.selection_set, inner_of)
        return _Part()

    def roots(self, operation: OperationDefinitionNode) -> int:
        """Count the operation's root fields."""
        count, spread, waiting = 0, set(), [operation.selection_set]
        while waiting:
            for selection in waiting.pop().selections:
                if isinstance(selection, FieldNode):
                    count += 1
                elif isinstance(selection, InlineFragmentNode):
                    waiting.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode):
                    # Once is enough: a second spread answers under the same names.
                    fragment = self._fragments.get(selection.name.value)
                    if fragment is not None and selection.name.value not in spread:
                        spread.add(selection.name.value)
                        waiting.append(fragment.selection_set)
        return count

    def _page(self, node: FieldNode) -> int:
        """Return a connection's page size; an invalid one counts as 1, and is refused later."""
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
                # To GraphQL, 100.0 is an Int too.
                valid = isinstance(size, int | float) and size in PAGES
                return int(size) if valid else 1
        return DEFAULT_PAGE


def _literal(node: Any) -> int | None:
    return int(node.value[:9]) if isinstance(node, IntValueNode) else None


def checking(
    schema: GraphQLSchema, limits: Limits
) -> Callable[[DocumentNode, OperationDefinitionNode], Callable[[Mapping[str, Any]], None]]:
    """Return a check that measures an operation once, then again only for new page sizes."""

    def check_document(
        document: DocumentNode, operation: OperationDefinitionNode
    ) -> Callable[[Mapping[str, Any]], None]:
        names = sorted(_shape(document).page_variables)
        within: set[tuple[Any, ...]] = set()

        def check_sizes(variables: Mapping[str, Any]) -> None:
            # Left out means the variable's default, null means the argument's.
            sizes = tuple([variables.get(name, Undefined) for name in names])
            if sizes not in within:
                check(measure(schema, document, operation, variables), limits)
                within.add(sizes)
                if len(within) > MAX_SIZES:
                    within.clear()

        check_sizes(dict.fromkeys(names, 1))  # the smallest pages; each request's own come later
        return check_sizes

    return check_document


@dataclass(slots=True)
class _Shape:
    """Counts over a whole document, used parts or not: validation looks at all of it."""

    fragments: int = 0
    """Fragment spreads and inline fragments."""
    repeats: int = 0
    """Fields repeated within the same braces."""
    spreads: dict[str, set[str]] = field(default_factory=dict)
    """The fragments that each fragment spreads."""
    page_variables: set[str] = field(default_factory=set)
    """Variables that set a page's size: the measure depends on them."""


def _shape(document: DocumentNode) -> _Shape:
    found = _Shape()
    for node in _executable(document):
        spreads: set[str] = set()
        waiting = [node.selection_set]
        while waiting:
            _look_into(waiting.pop(), found, spreads, waiting)
        if isinstance(node, FragmentDefinitionNode):
            found.spreads[node.name.value] = spreads
    return found


def _look_into(
    node: SelectionSetNode, found: _Shape, spreads: set[str], waiting: list[SelectionSetNode]
) -> None:
    names: set[str] = set()
    for selection in node.selections:
        if isinstance(selection, FieldNode):
            name = (selection.alias or selection.name).value
            found.repeats += name in names
            names.add(name)
            for argument in selection.arguments or ():
                if argument.name.value == "first" and isinstance(argument.value, VariableNode):
                    found.page_variables.add(argument.value.name.value)
        else:
            found.fragments += 1
            if isinstance(selection, FragmentSpreadNode):
                spreads.add(selection.name.value)
        inner: SelectionSetNode | None = getattr(selection, "selection_set", None)
        if inner is not None:
            waiting.append(inner)


def _innermost_first(
    fragments: Collection[str], spreads: Mapping[str, Collection[str]]
) -> Iterable[str]:
    """Return the fragments, each after those that it spreads; a cycle is cut somewhere.

    Not recursive: a chain of fragments can be longer than Python's stack is deep.
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = list(fragments)
    while waiting:
        name = waiting[-1]
        if name in seen:
            found.setdefault(waiting.pop())
            continue
        seen.add(name)
        waiting += [inner for inner in spreads[name] if inner in spreads and inner not in seen]
    return found


def _executable(document: DocumentNode) -> list[_Executable]:
    return [
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
