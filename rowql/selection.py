"""The fields that an operation selects on a type: the specification's CollectFields."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

Selections: TypeAlias = Iterable[SelectionSetNode]
Fields: TypeAlias = dict[str, list[FieldNode]]
"""The nodes behind each key of the answer, in the answer's order."""


MAX_FIELDS = 2_000
"""Most fields of an operation that is compiled, counted at each place in the answer.

A document of a few lines can ask for millions; graphql-core meets them only if there are rows."""


class NotCompilableError(Exception):
    """The operation can't be compiled; graphql-core runs it."""


class Selector:
    """Collects fields as one operation means them, with the variables its directives read."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._left = MAX_FIELDS

    def fields(self, of: GraphQLObjectType, selections: Selections) -> Fields:
        """Return the fields selected on an object of the type."""
        found: Fields = {}
        self._collect(of, selections, found, set())
        self._left -= len(found)
        if self._left < 0:
            raise NotCompilableError
        return found

    def _collect(
        self, of: GraphQLObjectType, selections: Selections, found: Fields, spread: set[str]
    ) -> None:
        for selection in (node for part in selections for node in part.selections):
            if not self._included(selection.directives or ()):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in spread:  # once is enough; otherwise a short document could take for ever
                    continue
                spread.add(name)
                fragment = self._fragments[name]
            elif isinstance(selection, InlineFragmentNode):
                fragment = selection
            else:
                raise NotCompilableError
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, of):
                self._collect(of, [fragment.selection_set], found, spread)

    def _applies(self, condition: str, of: GraphQLObjectType) -> bool:
        if condition == of.name:
            return True
        named = self._schema.type_map[condition]
        return is_abstract_type(named) and self._schema.is_sub_type(named, of)

    def _included(self, directives: Iterable[DirectiveNode]) -> bool:
        for directive in directives:
            if directive.name.value not in ("skip", "include"):
                raise NotCompilableError
            [argument] = directive.arguments or ()
            value: Any = argument.value
            given = (
                self._variables[value.name.value]
                if isinstance(value, VariableNode)
                else value.value
            )
            if given is None:  # null in place of a default: graphql-core reports the error
                raise NotCompilableError
            if given is (directive.name.value == "skip"):
                return False
        return True


def sub_selections(nodes: Iterable[FieldNode]) -> list[SelectionSetNode]:
    """Return what the nodes of one key select on their object."""
    return [node.selection_set for node in nodes if node.selection_set is not None]
