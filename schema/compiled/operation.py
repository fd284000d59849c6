"""Runs a compiled operation: one statement a lookup, and the answer written from its rows."""

from collections.abc import Mapping, Sequence
from inspect import iscoroutinefunction
from typing import Any

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

from schema.compiled.arguments import Arguments
from schema.compiled.batches import grouped
from schema.compiled.fields import Lookup
from schema.compiled.level import Level, compile_level, looked_up, row_types
from schema.compiled.selection import Selector, UncoveredError


class ContextPermission(BasePermission):
    """A permission that looks at ``info.context`` alone: it is asked before any row is read.

    Its ``has_permission`` is given None for the source, and must not be a coroutine.
    """


class DeniedError(Exception):
    """A permission said no; graphql-core words it."""


class Asked:
    """What a lookup's function and a permission get as ``info``: the context, and nothing else."""

    __slots__ = ("context",)

    def __init__(self, context: Any) -> None:
        self.context = context


class Operation:
    """A query whose every field is covered; raises ``UncoveredError`` where one is not."""

    def __init__(
        self, schema: Schema, operation: OperationDefinitionNode, selector: Selector
    ) -> None:
        self.schema = schema
        self.selector = selector
        self._permissions: list[BasePermission] = []
        query = schema._schema.query_type
        if query is None or operation.operation.value != "query":
            raise UncoveredError
        self._roots: list[tuple[str, str | _Fetch]] = []
        for key, nodes in selector.fields(query, [operation.selection_set]).items():
            name = nodes[0].name.value
            if name == "__typename":
                self._roots.append((key, query.name))
            elif name in query.fields:
                self._roots.append((key, _Fetch(self, query.fields[name], nodes)))
            else:
                raise UncoveredError

    def allow(self, field: StrawberryField) -> None:
        """Take up the field's permissions; raises ``UncoveredError`` where it has other guards."""
        for extension in field.extensions:
            if not isinstance(extension, PermissionExtension):
                raise UncoveredError
            for permission in extension.permissions:
                if not isinstance(permission, ContextPermission) or iscoroutinefunction(
                    permission.has_permission
                ):
                    raise UncoveredError
                if permission not in self._permissions:
                    self._permissions.append(permission)

    async def run(self, context: Any, variables: VariableValues) -> dict[str, Any]:
        """Give the answer's data. Whatever it raises, graphql-core is to run the operation."""
        asked: Any = Asked(context)
        for permission in self._permissions:
            if not permission.has_permission(None, asked):
                raise DeniedError
        data: dict[str, Any] = {}
        for key, root in self._roots:
            data[key] = (
                root if isinstance(root, str) else (await root.run([None], asked, variables))[None]
            )
        return data


class _Fetch:
    """A lookup of an operation, and those that hang off its rows."""

    def __init__(self, operation: Operation, field: GraphQLField, nodes: list[FieldNode]) -> None:
        self._field = field
        self._schema = operation.schema
        declared = looked_up(field)
        operation.allow(declared)
        assert declared.base_resolver is not None  # noqa: S101 - every lookup has one
        self._find = declared.base_resolver
        self._arguments = Arguments(operation.schema, declared, field, nodes[0])
        self._levels: dict[str, tuple[Level, list[_Fetch]]] = {}
        for of in self._types():
            level = compile_level(operation.selector, field, nodes, of, operation.allow)
            below = [_Fetch(operation, lower.field, lower.nodes) for lower in level.lookups]
            self._levels[of.name] = level, below

    def _types(self) -> Sequence[GraphQLObjectType]:
        """Give the types that its rows may be of."""
        named = row_types(self._field)
        if isinstance(named, GraphQLObjectType):
            return [named]
        return self._schema._schema.get_possible_types(named)

    async def run(self, keys: list[Any], asked: Any, variables: VariableValues) -> dict[Any, Any]:
        """Give what the answer has for each of the keys."""
        lookup: Lookup = self._find(info=asked, **self._arguments.values(variables))
        level, below = self._level(lookup)
        rows = await lookup.read(keys, level.columns) if level.columns else ()
        groups = {keys[0]: rows} if level.by is None else grouped(rows, level.by)
        page = lookup.page
        counts: Mapping[Any, int] = {}
        more: dict[Any, bool] = {}
        if page is not None:
            more = {key: len(group) > page.first for key, group in groups.items()}
            groups = {key: group[: page.first] for key, group in groups.items()}
            counts = await page.count(keys) if level.counts else {}
        found = []
        for lower, fetch in zip(level.lookups, below, strict=True):
            wanted = {row[lower.key] for group in groups.values() for row in group} - {None}
            found.append(await fetch.run(list(wanted), asked, variables) if wanted else {})
        after = page is not None and page.after is not None
        return {
            key: level.write(
                groups.get(key, ()), more.get(key, False), after, counts.get(key, 0), *found
            )
            for key in keys
        }

    def _level(self, lookup: Lookup) -> tuple[Level, list["_Fetch"]]:
        if lookup.of is None:
            [level] = self._levels.values()
            return level
        return self._levels[get_object_definition(lookup.of, strict=True).name]
