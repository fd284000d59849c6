"""The fields selected so far in a generated answer, so that those under one key always merge."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType


@dataclass(frozen=True)
class Use:
    """A selected field: its parent type, the tokens before its directives, and its fan-out.

    ``many`` is how many objects each parent object leads to.
    """

    parent: GraphQLNamedType
    name: str
    definition: GraphQLField
    arguments: Sequence[str]
    many: float

    def merges(self, other: "Use") -> bool:
        """Return whether the two may share a key: they're the same, or never in one object."""
        if (self.name, self.arguments) == (other.name, other.arguments):
            return True
        objects = isinstance(self.parent, GraphQLObjectType) and isinstance(
            other.parent, GraphQLObjectType
        )
        return objects and self.parent is not other.parent


@dataclass
class Slot:
    """The content of one key: the type as written, the key's uses, and its object's scope."""

    shape: str
    uses: list[Use]
    inside: "Scope" = field(default_factory=dict)


Scope: TypeAlias = dict[str, Slot]
"""The keys of one object in the answer, from all fragments."""


def fits(scopes: Sequence[Scope], key: str, use: Use) -> bool:
    """Return whether the use may be added to each of the scopes under the key."""
    return all(
        key not in scope
        or (
            scope[key].shape == str(use.definition.type)
            and all(use.merges(other) for other in scope[key].uses)
        )
        for scope in scopes
    )


def add(scopes: Sequence[Scope], key: str, use: Use) -> list[Scope]:
    """Add the use to each of the scopes; return the scopes inside it."""
    for scope in scopes:
        scope.setdefault(key, Slot(str(use.definition.type), [])).uses.append(use)
    return [scope[key].inside for scope in scopes]


def absorbs(scope: Scope, other: Scope) -> bool:
    """Return whether the whole of the other scope, a fragment's, may be added to the scope."""
    return all(
        fits([scope], key, use) and absorbs(scope[key].inside if key in scope else {}, slot.inside)
        for key, slot in other.items()
        for use in slot.uses
    )


def absorb(scope: Scope, other: Scope) -> None:
    """Add the whole of the other scope to the scope, without changing the other."""
    for key, slot in other.items():
        if key not in scope:
            scope[key] = replace(slot, uses=[], inside={})
        scope[key].uses += slot.uses
        absorb(scope[key].inside, slot.inside)
