"""Values for the arguments and variables of generated requests: known, arbitrary and wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)
from hypothesis import strategies as st

Choice = TypeVar("Choice")
EIGHT_BYTES = st.binary(min_size=8, max_size=8)
TEXTS = st.text(max_size=12) | st.text("aé\"'\\%_\n\t #{}$0+☃😀\u2028", max_size=12)

ANY: dict[str, Sequence[Any]] = {
    "Int": [1, 2, 3, 5],
    "Float": [0.5, 2, -1e9],
    "Boolean": [True, False],
    "String": ["a", "", "   "],
    "ID": ["a", "1", 7],
    "Date": ["2026-01-31", "2024-02-29"],
    "DateTime": ["2026-01-31T10:00:00+11:00"],
}
"""Values for scalar arguments without known values; scalars not listed here get a text."""
WRONG: dict[str, Sequence[Any]] = {
    "Int": [0, 101, 100, -1, 2**31 - 1, 2**31, 2.0, 1.5, "2", True],
    "Boolean": [1, "true", 0.0],
    "String": ["x" * 501, "nul \0", "\ud800", 5, True, ["a"], {}],
    "ID": [
        *("", "Recall", "Recall:0", "Recall:-1", "recall:1", "Nothing:1", "Viewer:1", "Recall:1 "),
        *("Recall:٣", "Recall:999999999", "Patient:999999999999999999", "Run:9" + "9" * 18),
        *("Category:1\n", "Practice:999999", "BlockedCommunication:9999", "ContactAttempt:99999"),
        *(5, 5.0, 1.5, True, ["Recall:1"], {"id": "Recall:1"}),
    ],
    "Date": [
        *("2026-02-30", "20260131", "2026-W05-6", "2026-01-31T00:00:00", "", "0001-01-01"),
        *("9999-12-31", "10000-01-01", 20260131, True),
    ],
}
WRONG_FOR_ALL: Sequence[Any] = ["NOPE", "", 5, 1.5, True, [], [[1]], {"a": 1}, [None]]
WRONG_LITERALS: Sequence[list[str]] = [
    *(["5"], ['"x"'], ["1.5"], ["true"], ["NOPE"], ["null"], ['"""x"""']),
    *(["[", "[", "1", "]", "]"], ["[", "null", "]"], ["{", "nope", ":", "1", "}"]),
]
"""Tokens of literals that are wrong for most types."""


@dataclass(frozen=True)
class Known:
    """Values that mean something in the data, by schema coordinate: ``Query.node(id:)``."""

    right: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    wrong: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass
class Variable:
    """A variable of the document; ``value`` holds the one value sent, or is empty."""

    name: str
    type: GraphQLInputType
    coordinate: str
    default: list[str] | None
    value: list[Any]


class Dice:
    """Dice on hypothesis's draws, eight bytes at a time: one draw per roll would be slower.

    Shrinking leads to the first choice, and to a chance not taken.
    """

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self._bytes = b""

    def anew(self) -> None:
        """Begin a part that shrinks independently of the one before."""
        self._bytes = b""

    def below(self, end: int) -> int:
        size = 1 if end < 100 else 2
        if len(self._bytes) < size:
            self._bytes = self.draw(EIGHT_BYTES)
        rolled, self._bytes = self._bytes[:size], self._bytes[size:]
        return int.from_bytes(rolled) % end

    def chance(self, percent: int) -> bool:
        return self.below(100) >= 100 - percent

    def pick(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.below(len(choices))]


class Values:
    """Source of one document's values, and of the variables that some of them become."""

    def __init__(self, dice: Dice, known: Known, *, careless: bool) -> None:
        self.dice = dice
        self.known = known
        self.careless = careless
        """Whether some values are wrong."""
        self.variables: dict[str, Variable] = {}

    def literal(self, given: GraphQLInputType, coordinate: str) -> list[str]:
        """Return the tokens of a value as written in a document, possibly with variables."""
        self.dice.anew()
        if self.dice.chance(35):
            return ["$", self.variable(given, coordinate).name]
        match given:
            case GraphQLNonNull():
                return self.constant(given, coordinate)
            case _ if self.dice.chance(5):
                return ["null"]
            case GraphQLInputObjectType():
                fields = [
                    [name, ":", *self.literal(of, f"{given.name}.{name}")]
                    for name, of in self._fields(given)
                ]
                return ["{", *chain(*fields), "}"]
            case GraphQLList() if self.dice.chance(30):  # a single value stands for a list of one
                return self.constant(given.of_type, coordinate)
            case GraphQLList():
                items = [self.literal(given.of_type, coordinate) for _ in range(self._length())]
                return ["[", *chain(*items), "]"]
        return self.constant(given, coordinate)

    def constant(self, given: GraphQLInputType, coordinate: str) -> list[str]:
        """Return the tokens of a value without variables."""
        return self._written(given, self.json(given, coordinate))

    def json(self, given: GraphQLInputType, coordinate: str) -> Any:
        """Return a value as sent in a request's variables."""
        if self.careless and self.dice.chance(15):
            return self.wrong(given, coordinate)
        match given:
            case GraphQLNonNull():
                return self.json(given.of_type, coordinate)
            case GraphQLList():
                if self.dice.chance(30):
                    return self.json(given.of_type, coordinate)
                return [self.json(given.of_type, coordinate) for _ in range(self._length())]
            case GraphQLInputObjectType():
                return {
                    name: None if self.dice.chance(10) else self.json(of, f"{given.name}.{name}")
                    for name, of in self._fields(given)
                }
            case GraphQLEnumType():
                return self.dice.pick(list(given.values))
        known = self.known.right.get(coordinate)
        if known:
            return self.dice.pick(known)
        name = given.name
        if name in ANY and not (name == "String" and self.dice.chance(50)):
            return self.dice.pick(ANY[name])
        return self.dice.draw(TEXTS)

    def wrong(self, given: GraphQLInputType, coordinate: str) -> Any:
        """Return a value that the argument most likely refuses."""
        inner = given
        while isinstance(inner, GraphQLNonNull | GraphQLList):
            inner = inner.of_type
        known = self.known.wrong.get(coordinate)
        if known and self.dice.chance(50):
            return self.dice.pick(known)
        return self.dice.pick([*WRONG.get(inner.name, ()), *WRONG_FOR_ALL])

    def variable(self, given: GraphQLInputType, coordinate: str) -> Variable:
        """Return a variable that fits the place: an earlier one or a new one."""
        before = [
            variable
            for variable in self.variables.values()
            if variable.coordinate == coordinate and variable.type == given
        ]
        if before and self.dice.chance(40):
            return self.dice.pick(before)
        nullable = given.of_type if isinstance(given, GraphQLNonNull) else given
        default: list[str] | None = None
        if self.dice.chance(30):
            careless, self.careless = self.careless, self.careless and self.dice.chance(20)
            default = self.constant(nullable, coordinate)
            self.careless = careless
        declared = given
        if default is not None:
            declared = self.dice.pick([given, nullable, GraphQLNonNull(nullable)])
        elif given is nullable and self.dice.chance(25):
            declared = GraphQLNonNull(nullable)
        may_be_left_out = not isinstance(declared, GraphQLNonNull) or default is not None
        if may_be_left_out and self.dice.chance(25):
            value = []
        elif not isinstance(declared, GraphQLNonNull) and self.dice.chance(
            15 if given is nullable else 50
        ):
            # If there's a default, null is refused only at run time, when the place can't take it.
            value = [None] if given is nullable or self.careless else []
        else:
            value = [self.json(nullable, coordinate)]
        name = f"v{len(self.variables)}"
        variable = Variable(name, declared, coordinate, default, value)
        self.variables[name] = variable
        return variable

    def _fields(self, given: GraphQLInputObjectType) -> list[tuple[str, GraphQLInputType]]:
        chosen = [
            (name, one.type)
            for name, one in given.fields.items()
            if is_required_input_field(one) or self.dice.chance(45)
        ]
        return chosen[::-1] if len(chosen) > 1 and self.dice.chance(20) else chosen

    def _length(self) -> int:
        return self.dice.pick([1, 2, 0, 3])

    def _written(self, given: GraphQLInputType, value: Any) -> list[str]:
        """Return the tokens of a JSON value as a literal of the type."""
        if isinstance(given, GraphQLNonNull):
            given = given.of_type
        of = given.of_type if isinstance(given, GraphQLList) else given
        match value:
            case dict():
                types = given.fields if isinstance(given, GraphQLInputObjectType) else {}
                fields = [
                    [key, ":", *self._written(types[key].type if key in types else given, one)]
                    for key, one in value.items()
                ]
                return ["{", *chain(*fields), "}"]
            case list():
                return ["[", *chain(*(self._written(of, one) for one in value)), "]"]
            case str() if isinstance(_inner(given), GraphQLEnumType) and value.isidentifier():
                return [value]
            case str():
                return [self._string(value)]
        return [json.dumps(value)]

    def _string(self, value: str) -> str:
        """Return a string literal: plain, escaped or a block."""
        plain = json.dumps(value, ensure_ascii=False)
        if not self.dice.chance(20):
            return plain
        if '"""' not in value and "\\" not in value and value.isprintable() and value[-1:] != '"':
            return self.dice.pick([f'"""{value}"""', f'"""\n    {value}\n  """'])
        return json.dumps(value)


def _inner(given: GraphQLInputType) -> GraphQLInputType:
    while isinstance(given, GraphQLNonNull | GraphQLList):
        given = given.of_type
    return given
