"""Selections for generated documents: nested, aliased, fragmented, valid but for one mistake."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
)
from graphql.utilities import do_types_overlap

from tests.support.generated.documents import Fragment
from tests.support.generated.mistakes import Selected, spoil
from tests.support.generated.scopes import Scope, Use, absorb, absorbs, add, fits
from tests.support.generated.values import Values

MAX_DEPTH, MAX_FIELDS, MAX_OBJECTS = 10, 18, 12
"""A document's limits; the last is roughly the most objects that one selection is made on."""
A_PAGE, A_LIST, MANY = 12, 1.5, 12
"""Rough number of objects in a page without ``first``, in a list and in an introspection list."""
ALIASES = ["a", "b", "node", "edges", "id", "nodes", "data", "Z_9", "_x"]
DIRECTIVES = [*[[]] * 33, ["include"], ["skip"], ["include", "skip"]]
BOOLEAN = GraphQLNonNull(GraphQLBoolean)

Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@lru_cache(maxsize=1000)
def conditions(schema: GraphQLSchema, parent: Composite) -> tuple[list[Composite], list[Composite]]:
    """Return the types that a fragment in the parent may be on: those close to it, and others."""
    near: list[Composite] = [parent]
    if isinstance(parent, GraphQLObjectType):
        near += parent.interfaces
    else:
        near += schema.get_possible_types(parent)
    far = [
        one
        for one in schema.type_map.values()
        if is_composite_type(one) and one not in near and do_types_overlap(schema, parent, one)
    ]
    return near, far


@dataclass(frozen=True)
class Place:
    """A selection's place in the answer: how deep, and roughly how many objects are there."""

    depth: int = 0
    objects: float = 1


@dataclass
class Reusable:
    """A fragment that can be spread again: what it adds to an object, and how far it reaches."""

    fragment: Fragment
    on: Composite
    scope: Scope
    height: int
    growth: float


class Writer:
    """Writer of one document's selections, valid but for one mistake."""

    def __init__(
        self, schema: GraphQLSchema, values: Values, mistake: str | None, countdown: int
    ) -> None:
        self.schema = schema
        self.values = values
        self.dice = values.dice
        self.mistake = mistake
        self.countdown = countdown
        """How many fields are written before the mistake is made."""
        self.made = False
        self.fragments: list[Reusable] = []
        self.fields_left = MAX_FIELDS
        self.names = 0
        self.peak = Place()

    def operation(self, root: GraphQLObjectType) -> list[str]:
        """Return the tokens of an operation's selection set."""
        return self.selection(root, [{}], Place())

    def selection(self, parent: Composite, scopes: list[Scope], place: Place) -> list[str]:
        """Return the tokens of a selection set that merges with the contents of the scopes."""
        self.peak = Place(max(self.peak.depth, place.depth), max(self.peak.objects, place.objects))
        tokens = self._item(parent, scopes, place)
        items = 1
        while items < 6 and self.fields_left > 0 and self.dice.chance(55):
            tokens += self._item(parent, scopes, place)
            items += 1
        return ["{", *tokens, "}"]

    def _item(self, parent: Composite, scopes: list[Scope], place: Place) -> list[str]:
        self.dice.anew()
        roll = self.dice.below(100)
        abstract = not isinstance(parent, GraphQLObjectType)
        if roll < (25 if abstract else 66):
            return self._field(parent, scopes, place)
        if roll < (30 if abstract else 73):
            return self._leaf(parent, scopes, "__typename", TypeNameMetaFieldDef)
        if roll < (75 if abstract else 82):
            return self._inline_fragment(parent, scopes, place)
        if roll < (90 if abstract else 91):
            return self._spread(parent, scopes, place)
        return self._again(parent, scopes, place)

    def _fields(self, parent: Composite) -> dict[str, GraphQLField]:
        if isinstance(parent, GraphQLUnionType):
            return {}
        if parent is self.schema.query_type:
            return {**parent.fields, "__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
        fields: dict[str, GraphQLField] = parent.fields
        return fields

    def _field(self, parent: Composite, scopes: list[Scope], place: Place) -> list[str]:
        fields = self._fields(parent)
        leaves = [name for name, one in fields.items() if is_leaf_type(get_named_type(one.type))]
        objects = [name for name in fields if name not in leaves]
        room = self.fields_left > 0 and place.depth < MAX_DEPTH and place.objects <= MAX_OBJECTS
        self.fields_left -= 1
        if objects and (room or not place.depth):
            # Two in three fields lead on.
            share = 1 + 2 * len(leaves) // len(objects)
            names = leaves + objects * share
        else:
            names = leaves or ["__typename"]
        if "__type" in names:
            # Introspection in 2 of 100, however many fields the root type has.
            about = self.dice.chance(2)
            names = [name for name in names if name.startswith("__") is about]
        name = self.dice.pick(names)
        if name in objects:
            return self._object(parent, scopes, place, name, fields[name])
        return self._leaf(parent, scopes, name, fields.get(name, TypeNameMetaFieldDef))

    def _leaf(
        self, parent: Composite, scopes: list[Scope], name: str, definition: GraphQLField
    ) -> list[str]:
        arguments = self._arguments(parent, name, definition)
        use = Use(parent, name, definition, arguments, 1)
        key, _ = self._key(scopes, use)
        return self._written(use, key, [])

    def _object(
        self,
        parent: Composite,
        scopes: list[Scope],
        place: Place,
        name: str,
        definition: GraphQLField,
    ) -> list[str]:
        arguments = self._arguments(parent, name, definition)
        use = Use(parent, name, definition, arguments, self._fan_out(parent, definition, arguments))
        key, inside = self._key(scopes, use)
        return self._written(use, key, self._inside(use, inside, place))

    def _inside(self, use: Use, scopes: list[Scope], place: Place) -> list[str]:
        of: Any = get_named_type(use.definition.type)
        return self.selection(of, scopes, Place(place.depth + 1, place.objects * use.many))

    def _again(self, parent: Composite, scopes: list[Scope], place: Place) -> list[str]:
        """Select a field once more under its key, with a selection of its own."""
        before = [
            (key, use)
            for key, slot in scopes[0].items()
            for use in slot.uses
            if use.parent is parent and fits(scopes, key, use)
        ]
        if not before:
            return self._field(parent, scopes, place)
        key, use = self.dice.pick(before)
        inside = add(scopes, key, use)
        self.fields_left -= 1
        leaf = is_leaf_type(get_named_type(use.definition.type))
        return self._written(use, key, [] if leaf else self._inside(use, inside, place))

    def _key(self, scopes: list[Scope], use: Use) -> tuple[str, list[Scope]]:
        key = self.dice.pick([use.name] * 3 * len(ALIASES) + ALIASES)
        if not fits(scopes, key, use):
            self.names += 1
            key = f"{use.name}_{self.names}"
        return key, add(scopes, key, use)

    def _arguments(self, parent: Composite, name: str, definition: GraphQLField) -> list[str]:
        arguments = [
            [argument, ":", *self.values.literal(of.type, f"{parent.name}.{name}({argument}:)")]
            for argument, of in definition.args.items()
            if is_required_argument(of) or self.dice.chance(90 if argument == "first" else 55)
        ]
        if len(arguments) > 1 and self.dice.chance(20):
            arguments.reverse()
        return [*chain(*arguments)]

    def _fan_out(self, parent: Composite, definition: GraphQLField, arguments: list[str]) -> float:
        if "first" in definition.args:
            if "first" not in arguments:
                return A_PAGE
            sign, *rest = arguments[arguments.index("first") + 2 :]
            value = self.values.variables[rest[0]].value[:1] if sign == "$" else [sign]
            small = {"1": 1, "2": 2, "3": 3, "5": 5}
            return small.get(f"{value[0]}", A_PAGE) if value else A_PAGE
        of: Any = get_named_type(definition.type)
        is_list = isinstance(get_nullable_type(definition.type), GraphQLList)
        if not is_list or parent.name.endswith("Connection"):
            return 1
        return MANY if of.name.startswith("__") else A_LIST

    def _inline_fragment(self, parent: Composite, scopes: list[Scope], place: Place) -> list[str]:
        on = self._condition(parent)
        written = ["on", on.name] if on is not parent or self.dice.chance(50) else []
        return ["...", *written, *self._directives(), *self.selection(on, scopes, place)]

    def _condition(self, parent: Composite) -> Composite:
        near, far = conditions(self.schema, parent)
        return self.dice.pick(far if far and self.dice.chance(12) else near)

    def _spread(self, parent: Composite, scopes: list[Scope], place: Place) -> list[str]:
        known = [
            one
            for one in self.fragments
            if do_types_overlap(self.schema, parent, one.on)
            and place.depth + one.height <= MAX_DEPTH
            and place.objects * one.growth <= 2 * MAX_OBJECTS
            and all(absorbs(scope, one.scope) for scope in scopes)
        ]
        if known and self.dice.chance(60):
            one = self.dice.pick(known)
            for scope in scopes:
                absorb(scope, one.scope)
            height, objects = place.depth + one.height, place.objects * one.growth
            self.peak = Place(max(self.peak.depth, height), max(self.peak.objects, objects))
        else:
            one = self._fragment(self._condition(parent), scopes, place)
        return ["...", one.fragment.name, *self._directives()]

    def _fragment(self, on: Composite, scopes: list[Scope], place: Place) -> Reusable:
        outer, self.peak = self.peak, place
        scope: Scope = {}
        body = self.selection(on, [*scopes, scope], place)
        fragment = Fragment(f"F{len(self.fragments)}", on.name, body)
        growth = self.peak.objects / place.objects
        one = Reusable(fragment, on, scope, self.peak.depth - place.depth, growth)
        self.peak = Place(max(self.peak.depth, outer.depth), max(self.peak.objects, outer.objects))
        self.fragments.append(one)
        return one

    def _directives(self) -> list[str]:
        names = self.dice.pick(DIRECTIVES)
        conditions = [self.values.literal(BOOLEAN, "@(if:)") for _ in names]
        return [
            token
            for name, condition in zip(names, conditions, strict=True)
            for token in ("@", name, "(", "if", ":", *condition, ")")
        ]

    def _written(self, use: Use, key: str, inside: list[str]) -> list[str]:
        """Return the field's tokens, with the mistake if it's due."""
        selected = Selected(key, use, list(use.arguments), self._directives(), inside)
        if self.mistake is not None and not self.made:
            self.countdown -= 1
            if self.countdown < 0:
                self.made = spoil(selected, self.mistake, self.schema, self.values)
        return selected.tokens()
