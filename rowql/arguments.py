"""Reads an operation's variables and its lookups' arguments, in advance where possible."""

from collections.abc import Sequence
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    visit,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    get_argument_values,
    get_variable_values,
)
from graphql.utilities import coerce_input_value
from strawberry.schema import Schema
from strawberry.types.arguments import StrawberryArgument, convert_argument, convert_arguments
from strawberry.types.field import StrawberryField

from rowql.selection import NotCompilableError

UNCHANGED_INPUTS: dict[str, type] = {"Boolean": bool, "ID": str, "Int": int, "String": str}
"""Scalars whose values of these types graphql-core takes unchanged; Ints within their range."""
INT_RANGE = range(-(2**31), 2**31)


class Variables:
    """An operation's variables: simple ones are read quickly here, others by graphql-core."""

    def __init__(
        self,
        schema: GraphQLSchema,
        definitions: Sequence[VariableDefinitionNode],
        *,
        with_sources: bool,
    ) -> None:
        """``with_sources``: whether graphql-core will read arguments with them."""
        self._schema = schema
        self._with_sources = with_sources
        self._declared: list[tuple[VariableDefinitionNode, Any, bool, bool, type | None]] = []
        """Each with its signature, whether it may be null, whether it is a scalar or an enum, and
        the Python type whose values are taken unchanged."""
        for definition in definitions:
            signature = get_variable_signature(schema, definition)
            if isinstance(signature, GraphQLError):
                raise signature
            named = get_nullable_type(signature.type)
            unchanged = UNCHANGED_INPUTS.get(str(named))
            optional = named is signature.type
            self._declared.append((definition, signature, optional, is_leaf_type(named), unchanged))

    def values(self, given: dict[str, Any]) -> VariableValues:
        """Return what graphql-core would. Raises ``NotCompilableError`` if that is an error."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        others: list[VariableDefinitionNode] = []
        for definition, signature, optional, is_leaf, unchanged in self._declared:
            name = signature.name
            value = given.get(name, Undefined)
            if (value is None and optional) or (
                type(value) is unchanged and (unchanged is not int or value in INT_RANGE)
            ):
                coerced[name] = value
            elif value is Undefined:
                if signature.default is not None or not optional:
                    others.append(definition)
                    continue
            elif is_leaf:
                coerced[name] = coerce_input_value(value, signature.type)
                if coerced[name] is Undefined:
                    raise NotCompilableError
            else:
                others.append(definition)
                continue
            if self._with_sources:
                sources[name] = VariableValueSource(signature, value)
        if others:
            # No errors here: each costs as much as the value it is in; graphql-core reports them.
            values = get_variable_values(
                self._schema, others, given, max_errors=0, hide_suggestions=True
            )
            if not isinstance(values, VariableValues):
                raise NotCompilableError
            sources |= values.sources
            coerced |= values.coerced
        return VariableValues(sources, coerced)


class Arguments:
    """The arguments that an operation passes to a lookup, as its function takes them."""

    def __init__(
        self, schema: Schema, declared: StrawberryField, field: GraphQLField, node: FieldNode
    ) -> None:
        self._converter = schema.schema_converter
        self._declared = declared
        self._field = field
        self._node = node
        self._constants: dict[str, Any] = {}
        self._given: list[tuple[str, str, StrawberryArgument, bool]] = []
        """Python name, variable, argument, and whether its values need converting."""
        self._required: set[str] = set()
        nodes = {argument.name.value: argument for argument in node.arguments or ()}
        self._mixed = any(_has_variable_inside(argument) for argument in nodes.values())
        if self._mixed:
            return
        names = schema.config.name_converter
        arguments = {names.from_argument(argument): argument for argument in declared.arguments}
        for name, definition in field.args.items():
            given = nodes.get(name)
            is_variable = given is not None and isinstance(given.value, VariableNode)
            if not is_variable or not is_required_argument(definition):
                # A variable that is left out means the argument's default.
                alone = GraphQLField(field.type, args={name: definition})
                written = (given,) if given is not None and not is_variable else ()
                at_rest = FieldNode(name=node.name, arguments=written, directives=())
                self._constants |= self._converted(get_argument_values(alone, at_rest))
            if given is not None and isinstance(given.value, VariableNode):
                argument = arguments[name]
                converts = not is_leaf_type(get_nullable_type(definition.type))
                python_name = str(argument.python_name)
                self._given.append((python_name, given.value.name.value, argument, converts))
                if isinstance(definition.type, GraphQLNonNull):
                    self._required.add(python_name)

    def values(self, variables: VariableValues) -> dict[str, Any]:
        """Return the arguments by Python name. Raises ``NotCompilableError`` for a wrong null."""
        if self._mixed:
            return self._converted(get_argument_values(self._field, self._node, variables))
        values = dict(self._constants)
        for name, variable, argument, converts in self._given:
            value = variables.coerced.get(variable, Undefined)
            if value is Undefined:
                continue
            if value is None and name in self._required:
                raise NotCompilableError
            if converts and value is not None:
                value = convert_argument(
                    value,
                    argument.type,
                    self._converter.scalar_registry,
                    self._converter.config,
                )
            values[name] = value
        return values

    def _converted(self, values: dict[str, Any]) -> dict[str, Any]:
        return convert_arguments(
            values,
            self._declared.arguments,
            scalar_registry=self._converter.scalar_registry,
            config=self._converter.config,
        )


def has_variables_inside(document: DocumentNode) -> bool:
    """Return whether graphql-core reads any argument: a variable is inside a list or an object."""
    finder = _InsideFinder()
    visit(document, finder)
    return finder.found


class _InsideFinder(Visitor):
    """Looks for a variable inside an argument's value."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        """Look into the argument."""
        self.found = self.found or _has_variable_inside(node)


def _has_variable_inside(argument: ArgumentNode) -> bool:
    if isinstance(argument.value, VariableNode):
        return False
    finder = VariableFinder()
    visit(argument.value, finder)
    return bool(finder.names)


class VariableFinder(Visitor):
    """Collects the names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        """Collect the name."""
        self.names.add(node.name.value)
