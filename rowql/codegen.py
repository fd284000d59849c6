"""Compiles the fields selected on one statement's rows into a function that writes the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    get_named_type,
)
from orjson import Fragment, dumps
from strawberry.types.field import StrawberryField

from rowql.connection import Connection
from rowql.fields import SPEC, ColumnSpec, EmbeddedSpec, LookupSpec, Row
from rowql.kept import kept
from rowql.selection import NotCompilableError, Selections, Selector, sub_selections
from rowql.strawberry_patches import declaration

UNCHANGED_OUTPUTS = frozenset({"Boolean", "Date", "DateTime", "ID", "Int", "String"})
"""Scalars whose Python values the JSON encoder writes as graphql-core and Strawberry do."""
ROW, START, END = "<row>", "<start>", "<end>"
"""Placeholders in generated text: the names that a row is unpacked into, and a page's cursors."""


class NullError(Exception):
    """A null where the schema allows none; graphql-core finds out which field has it."""


@dataclass(frozen=True, slots=True)
class NestedLookup:
    """A lookup on the rows of a level; ``key`` is the index of its key column in them."""

    key: int
    field: GraphQLField
    nodes: list[FieldNode]


@dataclass(frozen=True, slots=True)
class Level:
    """The fields selected on one statement's rows; without ``columns``, none of them needs rows.

    ``write`` takes the rows of one parent, whether there are more of them, whether the page was
    read after a cursor, the total count, the rows' ``cursors`` (if each edge has one), and what
    each of ``lookups`` found, by key. ``by`` is the index of the column that identifies a row's
    parent.
    """

    columns: tuple[str, ...]
    by: int | None
    lookups: tuple[NestedLookup, ...]
    write: Callable[..., Any]
    cursors: Callable[[Sequence[Row]], list[str]] | None
    needs_count: bool
    objects_per_row: int
    """Objects in the answer for each row, without those of ``lookups``."""

    def written(
        self, rows: Sequence[Row], more: bool, after: bool, count: int, found: list[Any]
    ) -> Any:
        """Return the answer's part for the rows; see the class for the arguments."""
        cursors = self.cursors(rows) if self.cursors is not None else ()
        return self.write(rows, more, after, count, cursors, *found)


def compile_level(
    selector: Selector,
    field: GraphQLField,
    nodes: list[FieldNode],
    of: GraphQLObjectType,
    add_permissions: Callable[[StrawberryField], None],
) -> Level:
    """Compile what ``nodes`` select on ``field``, a lookup whose rows are objects of type ``of``.

    ``add_permissions`` is called with each field that is read, and raises ``NotCompilableError``
    if it must not be compiled. So does this function if anything else can't be.
    """
    spec: LookupSpec = lookup_field(field).metadata[SPEC]
    return _LevelCompiler(selector, add_permissions, spec).level(field, nodes, of)


def lookup_field(field: GraphQLField) -> StrawberryField:
    """Return the Strawberry field of a lookup. Raises ``NotCompilableError`` if it isn't one."""
    declared = _declared(field)
    if not isinstance(declared.metadata[SPEC], LookupSpec):
        raise NotCompilableError
    return declared


def row_type(field: GraphQLField) -> GraphQLObjectType | GraphQLInterfaceType:
    """Return the type of a lookup's rows; for a connection, its nodes'."""
    named: Any = get_named_type(field.type)
    if _is_connection(named):
        named = get_named_type(named.fields["nodes"].type)
    if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        raise NotCompilableError
    return named


class _LevelCompiler:
    """Writes one level's Python text.

    Its names: ``c`` and a number for a column, ``n`` for what a lookup found, ``g`` for a constant.
    The only client input in the text is response keys, which are GraphQL names.
    """

    def __init__(
        self,
        selector: Selector,
        add_permissions: Callable[[StrawberryField], None],
        spec: LookupSpec,
    ) -> None:
        self._selector = selector
        self._add_permissions = add_permissions
        self._spec = spec
        self._columns: dict[str, int] = {}
        self._lookups: list[NestedLookup] = []
        self._constants: dict[str, Any] = {"null": _null}
        self._needs_rows = False
        self._needs_count = False
        self._each_edge_has_cursor = False
        self._used: dict[int, None] = {}
        self._pastable = True
        """The places of the columns that the object being written is made from, and whether these
        are hashable and all that it is made from."""
        self._objects_per_row = 0

    def level(self, field: GraphQLField, nodes: list[FieldNode], of: GraphQLObjectType) -> Level:
        by = None if self._spec.by is None else self._column(self._spec.by)
        declared, selections = get_named_type(field.type), sub_selections(nodes)
        if _is_connection(declared):
            text = self._entries(declared, selections, self._connection_field)
        else:
            self._needs_rows = True
            text = self._object(of, selections)
            inner, required = _unwrapped(field.type)
            if isinstance(inner, GraphQLList):
                text = f"[{text} for {ROW} in rows]"
            else:
                missing = "null()" if required else "None"
                text = f"([{text} for {ROW} in rows[:1]] or [{missing}])[0]"
        if self._needs_rows and not self._columns:
            # Without columns there are no names to unpack a row into.
            self._column(_some_column(of))
        if self._each_edge_has_cursor:
            text = text.replace(START, "cursors[:1]").replace(END, "cursors[-1:]")
        elif START in text or END in text:
            text = text.replace(START, self._cursors("rows[:1]"))
            text = text.replace(END, self._cursors("rows[-1:]"))
        found = "".join(f", n{place}" for place in range(len(self._lookups)))
        write = f"lambda rows, more, after, count, cursors{found}: {text}"
        cursors = f"lambda rows: {self._cursors('rows')}" if self._each_edge_has_cursor else "None"
        return Level(
            columns=tuple(self._columns) if self._needs_rows else (),
            by=by,
            lookups=tuple(self._lookups),
            write=self._evaluated(write),
            cursors=self._evaluated(cursors),
            needs_count=self._needs_count,
            objects_per_row=self._objects_per_row,
        )

    def _evaluated(self, text: str) -> Any:
        row = "".join(f"c{place}, " for place in self._columns.values())
        return eval(text.replace(ROW, f"({row})"), self._constants)  # noqa: S307 - see above

    def _entries(
        self, of: Any, selections: Selections, make: Callable[[Any, str, list[FieldNode]], str]
    ) -> str:
        """Return the text of an object whose fields ``make`` writes."""
        entries = []
        for key, nodes in self._selector.fields(of, selections).items():
            name = nodes[0].name.value
            text = repr(of.name) if name == "__typename" else make(of, name, nodes)
            entries.append(f"{key!r}: {text}")
        return f"{{{', '.join(entries)}}}"

    def _connection_field(self, of: Any, name: str, nodes: list[FieldNode]) -> str:
        if name == "totalCount":
            self._needs_count = True
            return "count"
        self._needs_rows = True
        inner = get_named_type(of.fields[name].type)
        match name:
            case "edges":
                self._objects_per_row += 1
                text = self._entries(inner, sub_selections(nodes), self._edge_field)
                if self._each_edge_has_cursor:
                    return f"[{text} for {ROW}, cursor in zip(rows, cursors)]"
            case "nodes":
                text = self._object(inner, sub_selections(nodes))
            case "pageInfo":
                return self._entries(inner, sub_selections(nodes), self._page_info_field)
            case _:
                raise NotCompilableError
        return f"[{text} for {ROW} in rows]"

    def _edge_field(self, of: Any, name: str, nodes: list[FieldNode]) -> str:
        match name:
            case "cursor":
                self._each_edge_has_cursor = True
                self._place()
                return "cursor"
            case "node":
                return self._object(get_named_type(of.fields[name].type), sub_selections(nodes))
        raise NotCompilableError

    def _page_info_field(self, _of: Any, name: str, _nodes: list[FieldNode]) -> str:
        match name:
            case "hasNextPage":
                return "more"
            case "hasPreviousPage":
                return "after and bool(rows)"
            case "startCursor":
                self._place()
                return f"({START} or [None])[0]"
            case "endCursor":
                self._place()
                return f"({END} or [None])[0]"
        raise NotCompilableError

    def _place(self) -> str:
        """Return the text of a row's place in the list; the columns in it are read."""
        if self._spec.cursor is None:
            raise NotCompilableError
        *others, last = (f"c{self._column(name)}" for name in self._spec.cursor.columns)
        # The last one is another in each row; what comes before it is often the same.
        texts = [*(self._kept(str, other) for other in others), f"{last}!s"]
        return f"f{'|'.join([self._spec.cursor.name, *(f'{{{text}}}' for text in texts)])!r}"

    def _cursors(self, rows: str) -> str:
        assert self._spec.cursor is not None  # noqa: S101 - _place has been called
        encode = self._constant(self._spec.cursor.encode)
        return f"{encode}([{self._place()} for {ROW} in {rows}])"

    def _object(self, of: Any, selections: Selections, prefix: str = "") -> str:
        """Return the text of an object in the row's columns that begin with ``prefix``."""
        if not isinstance(of, GraphQLObjectType):
            raise NotCompilableError
        self._objects_per_row += 1
        return self._entries(
            of, selections, lambda of, name, nodes: self._field(of, name, nodes, prefix)
        )

    def _field(self, of: GraphQLObjectType, name: str, nodes: list[FieldNode], prefix: str) -> str:
        field = of.fields[name]
        declared = _declared(field)
        self._add_permissions(declared)
        match declared.metadata[SPEC]:
            case ColumnSpec(name=column) as spec:
                place = self._column(prefix + (column or declared.python_name))
                return self._value(f"c{place}", field.type, spec, of.name)
            case EmbeddedSpec(prefix=inner, present=present, repeats=repeats):
                of, selections = get_named_type(field.type), sub_selections(nodes)
                make = self._pasted if repeats else self._object
                text = make(of, selections, prefix + inner)
                if present is None:
                    return text
                return f"(None if c{self._column(prefix + inner + present)} is None else {text})"
            case LookupSpec(key=str(key)):
                return self._nested(field, nodes, self._column(prefix + key))
        raise NotCompilableError

    def _pasted(self, of: Any, selections: Selections, prefix: str) -> str:
        """Return the text of an object whose JSON is kept by the values that it is made from."""
        outer = self._used, self._pastable
        self._used, self._pastable = {}, True
        text = self._object(of, selections, prefix)
        values = "".join(f"c{place}, " for place in self._used)
        if self._pastable and values:
            make = self._evaluated(f"lambda {values}: {text}")
            text = self._kept(lambda each: Fragment(dumps(make(*each))), f"({values})")
        self._used, self._pastable = outer[0] | self._used, outer[1] and self._pastable
        return text

    def _nested(self, field: GraphQLField, nodes: list[FieldNode], key: int) -> str:
        found = f"n{len(self._lookups)}"
        self._pastable = False
        self._lookups.append(NestedLookup(key, field, nodes))
        inner, required = _unwrapped(field.type)
        if not required:
            return f"{found}.get(c{key})"
        missing = "[]" if isinstance(inner, GraphQLList) else "null()"
        return f"({found}[c{key}] if c{key} in {found} else {missing})"

    def _value(self, text: str, of: GraphQLOutputType, spec: ColumnSpec, owner: str) -> str:
        """Return the text that converts the column's value, ``text``, to the type ``of``."""
        inner, required = _unwrapped(of)
        made = self._non_null(text, inner, spec, owner)
        if required:
            return f"({made} if {text} is not None else null())"
        return made if made == text else f"(None if {text} is None else {made})"

    def _non_null(self, text: str, of: Any, spec: ColumnSpec, owner: str) -> str:
        """Return what ``_value`` does, for a value that is not null."""
        if isinstance(of, GraphQLList):
            self._pastable = False
            return f"[{self._value('x', of.of_type, spec, owner)} for x in {text}]"
        if isinstance(of, GraphQLEnumType):
            return f"{self._constant(_names(of, spec))}[{text}]"
        if not isinstance(of, GraphQLScalarType) or of.name not in UNCHANGED_OUTPUTS:
            raise NotCompilableError
        if spec.template is not None:
            return f"f{spec.template.format(type=owner, value=f'{{{text}}}')!r}"
        return text if spec.convert is None else f"{self._constant(spec.convert)}({text})"

    def _column(self, name: str) -> int:
        place = self._columns.setdefault(name, len(self._columns))
        self._used[place] = None
        return place

    def _kept(self, make: Callable[[Any], Any], key: str) -> str:
        """Return the text of what is made from the key, or was before."""
        look_up, make_and_keep = map(self._constant, kept(make))
        return f"({look_up}({key}) or {make_and_keep}({key}))"

    def _constant(self, value: Any) -> str:
        name = f"g{len(self._constants)}"
        self._constants[name] = value
        return name


def _declared(field: GraphQLField) -> StrawberryField:
    declared = declaration(field)
    if not isinstance(declared, StrawberryField) or SPEC not in declared.metadata:
        raise NotCompilableError
    return declared


def _unwrapped(of: GraphQLOutputType) -> tuple[GraphQLOutputType, bool]:
    """Return the type without its exclamation mark, and whether it had one."""
    return (of.of_type, True) if isinstance(of, GraphQLNonNull) else (of, False)


def _is_connection(of: Any) -> bool:
    return isinstance(of, GraphQLObjectType) and issubclass(declaration(of).origin, Connection)


def _names(of: GraphQLEnumType, spec: ColumnSpec) -> dict[Any, str]:
    """Return the answer's name for each value that the column may have."""
    if not (isinstance(spec.convert, type) and issubclass(spec.convert, Enum)):
        raise NotCompilableError
    return {member.value: of.serialize(member) for member in spec.convert}


def _some_column(of: GraphQLObjectType) -> str:
    for field in of.fields.values():
        declared = _declared(field)
        spec = declared.metadata[SPEC]
        if isinstance(spec, ColumnSpec):
            return spec.name or declared.python_name
    raise NotCompilableError


def _null() -> NoReturn:
    raise NullError
