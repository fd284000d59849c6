"""Mistakes for generated requests: what clients get wrong, one per request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    is_composite_type,
    is_required_argument,
)
from graphql.utilities import do_types_overlap

from tests.support.generated.documents import Document, Fragment, Operation
from tests.support.generated.scopes import Use
from tests.support.generated.values import WRONG_LITERALS, Dice, Values

NEEDED = ["__typename", "@", "include", "(", "if", ":", "$", "needed", ")"]
NEEDED_DEFINITION = ["$", "needed", ":", "Boolean", "!"]
TYPENAME = ["{", "__typename", "}"]

IN_FIELD = [
    "unknown field",
    "unknown argument",
    "wrong literal",
    "repeated argument",
    "missing argument",
    "leaf with a selection",
    "object without a selection",
    "empty selection",
    "conflicting keys",
    "undefined variable",
    "variable of another type",
    "unknown type condition",
    "impossible fragment",
]
"""Mistakes in a field of the document."""
DIRECTIVES: dict[str, list[str]] = {
    "unknown directive": ["@", "nope"],
    "misplaced directive": ["@", "deprecated"],
    "directive without its argument": ["@", "skip"],
    "directive with a wrong argument": ["@", "include", "(", "if", ":", "1", ")"],
    "repeated directive": ["@", "skip", "(", "if", ":", "false", ")"] * 2,
}
"""Mistakes in a field's directives."""


def no_such_operation(document: Document, dice: Dice) -> None:
    document.operation_name = dice.pick(["Nope", "", "q"])


def no_operation_chosen(document: Document, _: Dice) -> None:
    document.operations.append(Operation("query", "Other", TYPENAME))
    document.chosen.name = document.chosen.name or "One"
    document.operation_name = None


def two_operations_of_one_name(document: Document, _: Dice) -> None:
    document.operation_name = document.chosen.name = document.chosen.name or "One"
    document.operations.append(Operation("query", document.chosen.name, TYPENAME))


def anonymous_beside_named(document: Document, _: Dice) -> None:
    document.operation_name = document.chosen.name = document.chosen.name or "One"
    document.operations.append(Operation("query", None, TYPENAME))


def undefined_fragment(document: Document, _: Dice) -> None:
    append(document, ["...", "Missing"])


def unused_fragment(document: Document, _: Dice) -> None:
    document.fragments.append(Fragment("Unused", "Query", TYPENAME))


def two_fragments_of_one_name(document: Document, _: Dice) -> None:
    append(document, ["...", "Twice"])
    document.fragments += [Fragment("Twice", "Query", TYPENAME)] * 2


def fragment_cycle(document: Document, dice: Dice) -> None:
    append(document, ["...", "Round"])
    to = dice.pick(["Round", "About"])
    document.fragments.append(Fragment("Round", "Query", ["{", "__typename", "...", to, "}"]))
    if to == "About":
        body = ["{", "viewer", "{", "name", "}", "...", "Round", "}"]
        document.fragments.append(Fragment("About", "Query", body))


def unused_variable(document: Document, dice: Dice) -> None:
    document.chosen.extra = ["$", "unused", ":", "Int", *dice.pick([["=", "1"], ["!"], []])]


def variable_defined_twice(document: Document, _: Dice) -> None:
    append(document, NEEDED)
    document.chosen.extra = NEEDED_DEFINITION * 2


def variable_of_no_input_type(document: Document, dice: Dice) -> None:
    append(document, NEEDED)
    document.chosen.extra = ["$", "needed", ":", dice.pick(["Query", "Nope", "Viewer"])]


def default_of_another_type(document: Document, dice: Dice) -> None:
    append(document, NEEDED)
    document.chosen.extra = [*NEEDED_DEFINITION[:-1], "=", dice.pick(["1", "NOPE", '"true"'])]


def missing_variable(document: Document, _: Dice) -> None:
    append(document, NEEDED)
    document.chosen.extra = NEEDED_DEFINITION


def directive_on_an_operation(document: Document, dice: Dice) -> None:
    document.chosen.directives = ["@", dice.pick(["include", "skip"]), "(", "if", ":", "true", ")"]


def type_definition(document: Document, _: Dice) -> None:
    document.extra = ["type", "Nope", "{", "id", ":", "Int", "}"]


def no_operation(document: Document, dice: Dice) -> None:
    document.operations = []
    document.fragments = dice.pick([[], document.fragments])


IN_DOCUMENT: dict[str, Callable[[Document, Dice], None]] = {
    change.__name__.replace("_", " "): change
    for change in (
        no_such_operation,
        no_operation_chosen,
        two_operations_of_one_name,
        anonymous_beside_named,
        undefined_fragment,
        unused_fragment,
        two_fragments_of_one_name,
        fragment_cycle,
        unused_variable,
        variable_defined_twice,
        variable_of_no_input_type,
        default_of_another_type,
        missing_variable,
        directive_on_an_operation,
        type_definition,
        no_operation,
    )
}
"""Mistakes in how the document is put together."""
SYNTAX = "syntax"
WRONG_VARIABLE = "wrong value of a variable"
OTHER_OPERATION = ("mutation", "subscription")
MISTAKES = [*IN_FIELD, *DIRECTIVES, *IN_DOCUMENT, SYNTAX, SYNTAX, WRONG_VARIABLE, *OTHER_OPERATION]


@dataclass
class Selected:
    """A field as it is about to be written down."""

    key: str
    use: Use
    arguments: list[str]
    directives: list[str]
    inside: list[str]
    name: str = ""
    after: list[str] = field(default_factory=list)

    def tokens(self) -> list[str]:
        """Return the field's tokens."""
        alias = [self.key, ":"] if self.key != self.use.name else []
        call = ["(", *self.arguments, ")"] if self.arguments else []
        name = self.name or self.use.name
        return [*alias, name, *call, *self.directives, *self.inside, *self.after]


def spoil(  # noqa: PLR0912
    selected: Selected, mistake: str, schema: GraphQLSchema, values: Values
) -> bool:
    """Make the mistake in the field; return whether it can be made here."""
    dice, use = values.dice, selected.use
    definitions = use.definition.args
    match mistake:
        case "unknown field":
            selected.name = dice.pick([f"{use.name}s", f"{use.name[:-1]}_", "nope"])
        case "unknown argument":
            selected.arguments += ["nope", ":", "1"]
        case "wrong literal" if definitions:
            literal = dice.pick(WRONG_LITERALS)
            selected.arguments = [dice.pick(list(definitions)), ":", *literal]
        case "repeated argument" if selected.arguments:
            selected.arguments *= 2
        case "missing argument" if any(map(is_required_argument, definitions.values())):
            selected.arguments = []
        case "leaf with a selection" if not selected.inside:
            selected.inside = TYPENAME
        case "object without a selection" if selected.inside:
            selected.inside = []
        case "empty selection" if selected.inside:
            selected.inside = ["{", "}"]
        case "conflicting keys" if "__typename" not in (selected.key, use.name):
            selected.after = [selected.key, ":", "__typename"]
        case "undefined variable":
            selected.directives = ["@", "skip", "(", "if", ":", "$", "nope", ")"]
        case "variable of another type":
            other = values.variable(GraphQLString, "String")
            selected.directives = ["@", "skip", "(", "if", ":", "$", other.name, ")"]
        case "unknown type condition":
            selected.after = ["...", "on", dice.pick(["Nope", "String", "RecallTab"]), *TYPENAME]
        case "impossible fragment":
            impossible = [
                name
                for name, one in schema.type_map.items()
                if is_composite_type(one) and not do_types_overlap(schema, use.parent, one)  # type: ignore[arg-type]
            ]
            selected.after = ["...", "on", dice.pick(impossible), *TYPENAME]
        case _ if mistake in DIRECTIVES:
            selected.directives = DIRECTIVES[mistake]
        case _:
            return False
    return True


def append(document: Document, tokens: list[str]) -> None:
    """Add the tokens to the chosen operation's selection."""
    document.chosen.body[-1:-1] = tokens


def broken(tokens: list[str], dice: Dice) -> list[str]:
    """Return the tokens with a change that most likely makes them unparseable."""
    if not tokens:
        return ["{"]
    place = dice.below(len(tokens))
    match dice.pick(["lost", "end", "odd", "twice"]):
        case "lost":
            return tokens[:place] + tokens[place + 1 :]
        case "end":
            return tokens[:place]
        case "odd":
            odd = dice.pick(["}", "{", '"', '"""', "&", "?", "01", "1.", "$", "..", "\0", "é", "!"])
            return [*tokens[:place], odd, *tokens[place:]]
    return [*tokens[: place + 1], tokens[place], *tokens[place + 1 :]]


def wrong_variables(document: Document, values: Values, sent: dict[str, Any]) -> None:
    """Send a value that a variable refuses."""
    append(document, NEEDED)
    document.chosen.extra = NEEDED_DEFINITION
    used = sorted(document.used(document.chosen.body) & set(values.variables))
    name = values.dice.pick(["needed", *used])
    sent["needed"] = True
    if name == "needed":
        sent[name] = values.dice.pick(["yes", None, 1, [True], {}])
    else:
        variable = values.variables[name]
        sent[name] = values.wrong(variable.type, variable.coordinate)


def other_operation(document: Document, kind: str, schema: GraphQLSchema, values: Values) -> None:
    """Add an operation that isn't a query; usually it becomes the chosen one."""
    root = schema.mutation_type if kind == "mutation" else schema.subscription_type
    assert isinstance(root, GraphQLObjectType)
    name, field = values.dice.pick(list(root.fields.items()))
    arguments = [
        token
        for argument, of in field.args.items()
        for token in (
            *(argument, ":"),
            *values.constant(of.type, f"{root.name}.{name}({argument}:)"),
        )
    ]
    call = ["{", name, "(", *arguments, ")", *TYPENAME, "}"]
    operation = Operation(kind, "Other", call)
    if values.dice.chance(25):
        document.chosen.name = document.operation_name = document.chosen.name or "One"
    else:
        document.chosen, document.operation_name = operation, "Other"
        if values.dice.chance(50):
            document.operations, document.fragments = [], []
            document.operation_name = values.dice.pick([None, "Other"])
    document.operations.append(operation)
