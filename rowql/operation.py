"""Runs a compiled operation: one statement per lookup, and the answer written from its rows."""

import asyncio
from collections.abc import Mapping, Sequence
from inspect import iscoroutinefunction
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
)
from graphql.execution.values import VariableValues
from strawberry.permission import BasePermission, PermissionExtension
from strawberry.schema import Schema
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField

from rowql.arguments import Arguments
from rowql.codegen import Level, compile_level, lookup_field, row_type
from rowql.fields import Lookup, Row
from rowql.loader import grouped
from rowql.objects import ROWS_PER_TURN
from rowql.selection import NotCompilableError, Selector
from rowql.strawberry_patches import graphql_schema

ROOT = [None]
"""The keys of a lookup at the root, which has no rows above it."""


class ContextPermission(BasePermission):
    """A permission that reads only ``info.context``: it is checked before any row is read.

    Its ``has_permission`` is called with None for the source, and must not be a coroutine.
    """


class DeniedError(Exception):
    """A permission was denied; graphql-core reports it."""


class ContextInfo:
    """The ``info`` that lookup functions and permissions get: the context, and nothing else."""

    __slots__ = ("context",)

    def __init__(self, context: Any) -> None:
        self.context = context


class Operation:
    """A compiled query. Raises ``NotCompilableError`` if one of its fields can't be compiled."""

    def __init__(
        self, schema: Schema, operation: OperationDefinitionNode, selector: Selector
    ) -> None:
        self.schema = schema
        self.selector = selector
        self._permissions: list[BasePermission] = []
        query = graphql_schema(schema).query_type
        if query is None:
            raise NotCompilableError
        self._roots: list[tuple[str, str | _LookupNode]] = []
        for key, nodes in selector.fields(query, [operation.selection_set]).items():
            name = nodes[0].name.value
            if name == "__typename":
                self._roots.append((key, query.name))
            elif name in query.fields:
                self._roots.append((key, _LookupNode(self, query.fields[name], nodes)))
            else:
                raise NotCompilableError

    def add_permissions(self, field: StrawberryField) -> None:
        """Add the field's permissions. Raises ``NotCompilableError`` if it has any other guard."""
        for extension in field.extensions:
            if not isinstance(extension, PermissionExtension):
                raise NotCompilableError
            for permission in extension.permissions:
                if not isinstance(permission, ContextPermission) or iscoroutinefunction(
                    permission.has_permission
                ):
                    raise NotCompilableError
                if permission not in self._permissions:
                    self._permissions.append(permission)

    async def run(self, context: Any, variables: VariableValues) -> tuple[dict[str, Any], int]:
        """Return the answer's data, and how many objects it has.

        An object found once can be in it many times. Whatever this raises, graphql-core must then
        run the operation.
        """
        info: Any = ContextInfo(context)
        for permission in self._permissions:
            if not permission.has_permission(None, info):
                raise DeniedError
        data: dict[str, Any] = {}
        objects = 0
        for key, root in self._roots:
            if isinstance(root, str):
                data[key] = root
            else:
                data[key], count = await root.run_root(info, variables)
                objects += count
        return data, objects


class _LookupNode:
    """A lookup in an operation, and the lookups on its rows."""

    def __init__(self, operation: Operation, field: GraphQLField, nodes: list[FieldNode]) -> None:
        self._field = field
        self._schema = operation.schema
        declared = lookup_field(field)
        operation.add_permissions(declared)
        self._find: Any = declared.base_resolver and declared.base_resolver.wrapped_func
        self._arguments = Arguments(operation.schema, declared, field, nodes[0])
        self._levels: dict[str, _LevelNode] = {}
        for of in self._types():
            level = compile_level(operation.selector, field, nodes, of, operation.add_permissions)
            below = [
                (under.key, _LookupNode(operation, under.field, under.nodes))
                for under in level.lookups
            ]
            self._levels[of.name] = level, below
        levels = list(self._levels.values())
        self._only: _LevelNode | None = levels[0] if len(levels) == 1 else None

    def _types(self) -> Sequence[GraphQLObjectType]:
        """Return the types that its rows may have."""
        named = row_type(self._field)
        if isinstance(named, GraphQLObjectType):
            return [named]
        return graphql_schema(self._schema).get_possible_types(named)

    async def run_root(self, info: Any, variables: VariableValues) -> tuple[Any, int]:
        """Return the answer's part for a root field, and how many objects it has."""
        lookup: Lookup = self._find(info=info, **self._arguments.values(variables))
        level, below = self._only or self._level_of(lookup)
        rows = await lookup.read(ROOT, level.columns) if level.columns else ()
        page, more, count = lookup.page, False, 0
        if page is not None:
            more = len(rows) > page.first
            rows = rows[: page.first]
            count = (await page.totals(ROOT))[None] if level.needs_count else 0
        found: list[_Written] = []
        for key, node in below:
            found.append(await node.run_nested(key, rows, info, variables))
        after = page is not None and page.after is not None
        written = level.written(rows, more, after, count, [values for values, _ in found])
        return written, _count(level, rows, found)

    async def run_nested(
        self, key: int, rows: Sequence[Row], info: Any, variables: VariableValues
    ) -> "_Written":
        """Return the answer's part for each value that the column ``key`` has in the rows."""
        keys = list({row[key] for row in rows} - {None})
        if not keys:
            return {}, {}
        lookup: Lookup = self._find(info=info, **self._arguments.values(variables))
        level, below = self._only or self._level_of(lookup)
        rows = await lookup.read(keys, level.columns) if level.columns else ()
        groups = {} if level.by is None else grouped(rows, level.by)
        page = lookup.page
        more: set[Any] = set()
        counts: Mapping[Any, int] = {}
        if page is not None:
            more = {key for key, group in groups.items() if len(group) > page.first}
            groups = {key: group[: page.first] for key, group in groups.items()}
            counts = await page.totals(keys) if level.needs_count else {}
        shown = [row for group in groups.values() for row in group] if below else ()
        found = [await node.run_nested(place, shown, info, variables) for place, node in below]
        after = page is not None and page.after is not None
        written, objects, since = {}, {}, 0
        for each in keys:
            group = groups.get(each, ())
            since += len(group)
            if since > ROWS_PER_TURN:
                await asyncio.sleep(0)
                since = 0
            written[each] = level.written(
                group, each in more, after, counts.get(each, 0), [values for values, _ in found]
            )
            objects[each] = _count(level, group, found)
        return written, objects

    def _level_of(self, lookup: Lookup) -> "_LevelNode":
        """Return the level for the type that the lookup says its rows have."""
        if lookup.row_type is None:
            raise NotCompilableError
        return self._levels[get_object_definition(lookup.row_type, strict=True).name]


def _count(level: Level, rows: Sequence[Row], found: "Sequence[_Written]") -> int:
    """Return how many objects the rows have in the answer, with those below them."""
    objects = level.objects_per_row * len(rows)
    for under, (_, counts) in zip(level.lookups, found, strict=True):
        if counts:
            objects += sum([counts.get(row[under.key], 0) for row in rows])
    return objects


_LevelNode: TypeAlias = tuple[Level, list[tuple[int, _LookupNode]]]
"""A level and the lookups on it, each with the index of its key in the level's rows."""
_Written: TypeAlias = tuple[dict[Any, Any], dict[Any, int]]
"""The answer's part for each key, and how many objects it has."""
