"""Answers queries by operations that were compiled once per document and are kept."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    get_operation_ast,
    parse,
    validate,
    visit,
)
from graphql.execution.values import VariableValues
from strawberry.schema import Schema

from core.cost import BusyError
from schema.compiled.apart import apart
from schema.compiled.arguments import VariableFinder, Variables
from schema.compiled.kept import MAX_CHARACTERS, Kept
from schema.compiled.objects import TooManyObjectsError
from schema.compiled.operation import DeniedError, Operation
from schema.compiled.selection import Selector, UncoveredError
from schema.compiled.writing import TooLongError, write

logger = logging.getLogger(__name__)

LONGEST = 20_000
"""Characters of a document that is compiled; people and their programs write shorter ones."""
VARIANTS = 16
"""Variants of a document that are kept: one for each set of values its directives were given."""


Check: TypeAlias = Callable[
    [DocumentNode, OperationDefinitionNode], Callable[[Mapping[str, Any]], None]
]
"""Looks at an operation before it is validated, and gives what looks at each request's variables.

Both raise ``GraphQLError`` where it is not to be run; graphql-core's way then words why.
"""


class Compiled:
    """The compiled queries of a schema.

    ``most_tokens`` limits the parser, ``check`` says which operations are to be run, ``seconds``
    how long one may take, ``most_objects`` how many its answer may have; ``kept`` are the
    characters of the documents that are kept.

    ``without`` names the schema extensions that may be left out where there is no error to tell;
    any other makes the constructor raise ``ValueError``, for its work would be skipped.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        without: Collection[Callable[..., Any]] = (),
        check: Check | None = None,
        most_tokens: int | None = None,
        most_objects: int | None = None,
        seconds: float | None = None,
        kept: int = MAX_CHARACTERS,
    ) -> None:
        skipped = [extension for extension in schema.extensions if extension not in without]
        if skipped:
            raise ValueError(f"compiled queries would skip {skipped}")
        self._schema = schema
        self._documents: Kept[_Document | None] = Kept(kept)
        self._check = check
        self._most_tokens = most_tokens
        self.most_objects = most_objects
        self.seconds = seconds

    async def answer(
        self,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        context: Any,
    ) -> bytes | None:
        """Give the response's JSON; None where graphql-core is to run the operation.

        It runs what isn't covered, and whatever has an error to be told. Raises ``TimeoutError``
        where the operation takes longer than it may, ``TooManyObjectsError`` where it finds more,
        ``TooLongError`` where its answer is longer, ``BusyError`` where there was no connection
        for it.
        """
        document = await self._document(query, operation_name)
        if document is None:
            return None
        try:
            operation, values = await document.operation(variables or {})
            async with asyncio.timeout(self.seconds) as scope:
                data, objects = await operation.run(context, values)
            if self.most_objects is not None and objects > self.most_objects:
                raise TooManyObjectsError
            return write({"data": data}, objects)
        except TimeoutError:
            if scope.expired():
                raise
            return None
        except (TooManyObjectsError, TooLongError, BusyError):
            raise
        except (UncoveredError, DeniedError, GraphQLError):
            return None
        except Exception as error:
            # Its words may hold what the database holds; graphql-core runs into the same.
            logger.warning("a compiled query was left to graphql-core: %s", type(error).__name__)
            return None

    async def _document(self, query: str, operation_name: str | None) -> "_Variants | None":
        if len(query) > LONGEST:
            return None
        if query in self._documents:
            document = self._documents[query]
        else:
            document = self._documents[query] = await apart(self._parsed, query)
        return None if document is None else await document.operation(operation_name)

    def _parsed(self, query: str) -> "_Document | None":
        try:
            document = parse(query, max_tokens=self._most_tokens, no_location=True)
        except (GraphQLError, RecursionError):
            return None
        return _Document(self._schema, document, self._check)


class _Document:
    """A document, whose operations are compiled as they are asked for."""

    def __init__(self, schema: Schema, document: DocumentNode, check: Check | None) -> None:
        self._schema = schema
        self._document = document
        self._check = check
        # By the operation that was found and not by the name that was given: names have no end.
        self._operations: dict[int, _Variants | None] = {}

    async def operation(self, name: str | None) -> "_Variants | None":
        """Give the named operation; None where there is none, or graphql-core is to run it."""
        found = get_operation_ast(self._document, name)
        if found is None:
            return None
        key = id(found)
        if key not in self._operations:
            self._operations[key] = await apart(self._validated, found)
        return self._operations[key]

    def _validated(self, operation: OperationDefinitionNode) -> "_Variants | None":
        try:
            return _Variants(self._schema, self._document, operation, self._check)
        except (UncoveredError, GraphQLError, RecursionError):
            return None


class _Variants:
    """One operation of a document, compiled anew for other values of what its directives ask."""

    def __init__(
        self,
        schema: Schema,
        parsed: DocumentNode,
        operation: OperationDefinitionNode,
        check: Check | None,
    ) -> None:
        if operation.operation is not OperationType.QUERY:
            raise UncoveredError  # nor are its variables read, which graphql-core does as well
        self._schema = schema
        self._operation = operation
        # Before it is validated, which can take for ever by itself.
        self._check = check(parsed, operation) if check else None
        if validate(schema._schema, parsed, max_errors=0, hide_suggestions=True):
            raise UncoveredError  # graphql-core tells which errors it has
        self._variables = Variables(schema._schema, operation.variable_definitions or ())
        self._fragments = {
            node.name.value: node
            for node in parsed.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        looked_at = _DirectiveVariables()
        visit(parsed, looked_at)
        self._looked_at = sorted(looked_at.names)
        self._variants: dict[tuple[Any, ...], Operation | None] = {}

    async def operation(self, given: dict[str, Any]) -> tuple[Operation, VariableValues]:
        """Give the operation as the variables that were given make it, and their values."""
        variables = self._variables.values(given)
        if self._check:
            self._check(given)
        key = tuple([variables.coerced.get(name) for name in self._looked_at])
        if key not in self._variants:
            compiled = await apart(self._compiled, variables.coerced)
            if len(self._variants) >= VARIANTS:
                self._variants.clear()
            self._variants[key] = compiled
        variant = self._variants[key]
        if variant is None:
            raise UncoveredError
        return variant, variables

    def _compiled(self, variables: dict[str, Any]) -> Operation | None:
        selector = Selector(self._schema._schema, self._fragments, variables)
        try:
            return Operation(self._schema, self._operation, selector)
        except (UncoveredError, RecursionError, MemoryError):
            return None


class _DirectiveVariables(Visitor):
    """Finds the variables that directives look at."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        """Note the variables of the directive's arguments."""
        finder = VariableFinder()
        visit(node, finder)
        self.names |= finder.names
