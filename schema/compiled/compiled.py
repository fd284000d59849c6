"""Answers queries with operations that are compiled once per document and kept."""

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
"""Most characters of a document that is compiled; people and programs write shorter ones."""
VARIANTS = 16
"""Most variants kept of an operation: one for each set of values given to its directives."""


Check: TypeAlias = Callable[
    [DocumentNode, OperationDefinitionNode], Callable[[Mapping[str, Any]], None]
]
"""Checks an operation before it is validated, and returns a check of each request's variables.

Both raise ``GraphQLError`` if it must not run; graphql-core then reports why.
"""


class Compiled:
    """The compiled queries of a schema.

    ``most_tokens`` limits the parser, ``check`` decides which operations may run, ``seconds``
    limits how long one may take, ``most_objects`` how many its answer may have, ``kept`` the total
    characters of the documents that are kept.

    ``without`` names the schema extensions that may be skipped when there is no error to report;
    any other makes the constructor raise ``ValueError``, because its work would be skipped.
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
        """Return the response's JSON, or None if graphql-core must run the operation.

        It runs what isn't covered, and whatever has an error to report. Raises ``TimeoutError`` if
        the operation takes too long, ``TooManyObjectsError`` if it finds too many objects,
        ``TooLongError`` if its answer is too long, and ``BusyError`` if no connection was free in
        time.
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
            # Its message may contain data from the database; graphql-core will meet the same error.
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
    """A document; its operations are compiled when they are first asked for."""

    def __init__(self, schema: Schema, document: DocumentNode, check: Check | None) -> None:
        self._schema = schema
        self._document = document
        self._check = check
        # Keyed by the operation found, not by the name given: there is no end of names.
        self._operations: dict[int, _Variants | None] = {}

    async def operation(self, name: str | None) -> "_Variants | None":
        """Return the named operation, or None if there is none or graphql-core must run it."""
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
    """One operation of a document, compiled for each set of values that its directives read."""

    def __init__(
        self,
        schema: Schema,
        parsed: DocumentNode,
        operation: OperationDefinitionNode,
        check: Check | None,
    ) -> None:
        if operation.operation is not OperationType.QUERY:
            raise UncoveredError  # before its variables are read: graphql-core reads them anyway
        self._schema = schema
        self._operation = operation
        # Before validation, which by itself could take for ever.
        self._check = check(parsed, operation) if check else None
        if validate(schema._schema, parsed, max_errors=0, hide_suggestions=True):
            raise UncoveredError  # graphql-core reports the errors
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
        """Return the variant for the given variables, and their values."""
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
    """Collects the variables that directives read."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        """Collect the variables in the directive's arguments."""
        finder = VariableFinder()
        visit(node, finder)
        self.names |= finder.names
