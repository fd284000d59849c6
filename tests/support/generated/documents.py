"""The parts of a generated document, and how they are written as text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.support.generated.values import Dice, Variable

PUNCTUATION = set("{}()[]:=!$@") | {"..."}
SPACES = [
    [" "],
    [""],
    ["\n"],
    [" ", "\n  ", ", "],
    [" ", ' # a comment with } and """ and é\n', ""],
    ["\t", "\r\n", " ", ",,\r", "\ufeff"],
]
"""Separators to cycle through between tokens; names are kept apart even by the empty one."""


@dataclass
class Operation:
    """An operation; ``extra`` comes before its variables, ``directives`` before its selection."""

    kind: str
    name: str | None
    body: list[str]
    extra: list[str] = field(default_factory=list)
    directives: list[str] = field(default_factory=list)


@dataclass
class Fragment:
    """A named fragment."""

    name: str
    on: str
    body: list[str]


@dataclass
class Document:
    """Operations and fragments, and the variables that they use."""

    operations: list[Operation]
    fragments: list[Fragment]
    variables: dict[str, Variable]
    chosen: Operation
    operation_name: str | None = None
    fragments_first: bool = False
    extra: list[str] = field(default_factory=list)

    def used(self, body: Sequence[str]) -> set[str]:
        """Return the names of the variables that a selection uses, fragments included."""
        names: set[str] = set()
        seen: set[str] = set()
        bodies = [body]
        by_name = {fragment.name: fragment for fragment in self.fragments}
        while bodies:
            body = bodies.pop()
            for token, following in pairwise(body):
                if token == "$":
                    names.add(following)
                elif token == "..." and following in by_name and following not in seen:
                    seen.add(following)
                    bodies.append(by_name[following].body)
        return names

    def tokens(self) -> list[str]:
        """Return the document's tokens."""
        operations = [token for one in self.operations for token in self._operation(one)]
        fragments = [
            token
            for one in self.fragments
            for token in ("fragment", one.name, "on", one.on, *one.body)
        ]
        if self.fragments_first:
            return [*fragments, *operations, *self.extra]
        return [*operations, *fragments, *self.extra]

    def _operation(self, operation: Operation) -> list[str]:
        definitions = list(operation.extra)
        used = self.used(operation.body)
        for variable in self.variables.values():
            if variable.name in used:
                definitions += ["$", variable.name, ":", *_type(str(variable.type))]
                if variable.default is not None:
                    definitions += ["=", *variable.default]
        head = [operation.kind, *([operation.name] if operation.name else [])]
        if definitions:
            head += ["(", *definitions, ")"]
        if head == ["query"] and not operation.directives:
            head = []
        return [*head, *operation.directives, *operation.body]


def _type(text: str) -> list[str]:
    for sign in "[]!":
        text = text.replace(sign, f" {sign} ")
    return text.split()


def written(tokens: Sequence[str], dice: Dice) -> str:
    """Return the tokens as text, with one style of spacing."""
    spaces = dice.pick(SPACES)
    parts = [dice.pick(["", "\ufeff", "\n\n", "# first\n"])] if dice.chance(10) else []
    for number, token in enumerate(tokens):
        parts.append(token)
        following = tokens[number + 1 : number + 2]
        apart = token not in PUNCTUATION and not PUNCTUATION.issuperset(following)
        parts.append(spaces[number % len(spaces)] or (" " if apart else ""))
    return "".join(parts)
