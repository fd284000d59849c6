"""Answers queries with operations that are compiled once per document and kept."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
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

from rowql.arguments import VariableFinder, Variables, has_variables_inside
from rowql.lru import TextLru
from rowql.objects import TooManyObjectsError
from rowql.operation import DeniedError, Operation
from rowql.selection import NotCompilableError, Selector
from rowql.strawberry_patches import graphql_schema
from rowql.time_limit import TimeLimit, TimeUpError
from rowql.worker_thread import Meter, on_worker_thread
from rowql.writing import TooLongError, write

logger = logging.getLogger(__name__)

MAX_DOCUMENT_CHARACTERS = 20_000
"""Most characters of a document that is compiled; people and programs write shorter ones."""
MAX_CACHED_CHARACTERS = 40_000
"""Total of all documents that are cached, by default.

What is made from a text takes some hundred times its length in memory, and is scanned by each full
garbage collection, during which nobody is answered.
"""
MAX_VARIANTS = 16
"""Most variants cached of an operation: one for each set of values given to its directives."""


Check: TypeAlias = Callable[
    [DocumentNode, OperationDefinitionNode], Callable[[Mapping[str, Any]], None]
]
"""Checks an operation before it is validated, and returns a check of each request's variables.

Both raise ``GraphQLError`` if it must not run; graphql-core then reports why.
"""


@dataclass(frozen=True, slots=True)
class _Options:
    """What compiling a document takes, besides the document."""

    schema: Schema
    check: Check | None
    max_tokens: int | None
    meter: Meter | None


class CompiledQueries:
    """The compiled queries of a schema.

    ``skippable_extensions`` are the schema extensions that may be skipped when there is no error to
    report; any other makes the constructor raise ``ValueError``, because its work would be skipped.
    ``check`` decides which operations may run.

    ``trusted`` are documents that are kept for good once they are compiled, whatever their length.

    Limits: ``max_tokens`` of a document, ``timeout`` of an operation in seconds, ``max_objects``
    and ``max_bytes`` of an answer, ``max_cached_characters`` of all cached documents.

    ``propagated`` are errors of reads that ``answer`` raises instead of leaving the operation to
    graphql-core. ``meter`` is called with the seconds that compiling took in the worker thread.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        skippable_extensions: Collection[Callable[..., Any]] = (),
        trusted: Collection[str] = (),
        check: Check | None = None,
        max_tokens: int | None = None,
        timeout: float | None = None,
        max_objects: int | None = None,
        max_bytes: int | None = None,
        max_cached_characters: int = MAX_CACHED_CHARACTERS,
        propagated: tuple[type[Exception], ...] = (),
        meter: Meter | None = None,
    ) -> None:
        skipped = [each for each in schema.extensions if each not in skippable_extensions]
        if skipped:
            raise ValueError(f"compiled queries would skip {skipped}")
        self._options = _Options(schema, check, max_tokens, meter)
        self._trusted = frozenset(trusted)
        self._documents: TextLru[_Document | None] = TextLru(max_cached_characters, self._trusted)
        self._time_limit = TimeLimit(timeout)
        self.max_objects = max_objects
        self._max_bytes = max_bytes
        self._propagated: tuple[type[Exception], ...] = (
            TooManyObjectsError,
            TooLongError,
            *propagated,
        )

    @property
    def seconds(self) -> float | None:
        """The time limit of an operation."""
        return self._time_limit.seconds

    async def answer(
        self,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        context: Any,
    ) -> bytes | None:
        """Return the answer's JSON, or None if graphql-core must run the operation.

        It runs what can't be compiled, and whatever has an error to report. Raises ``TimeoutError``
        if the operation takes too long, ``TooManyObjectsError`` if it finds too many objects,
        ``TooLongError`` if its answer is too long, and the errors named by ``propagated``.
        """
        variants = self._known(query, operation_name)
        if variants is None:
            variants = await self._variants(query, operation_name)
        if variants is None or variants.is_left:
            return None
        try:
            values = variants.values(variables or {})
            operation = variants.known(values) or await variants.operation(values)
            with self._time_limit:
                data, objects = await operation.run(context, values)
            if self.max_objects is not None and objects > self.max_objects:
                raise TooManyObjectsError
            return write({"data": data}, objects, max_bytes=self._max_bytes)
        except TimeUpError:
            raise
        except self._propagated:
            raise
        except (NotCompilableError, DeniedError, GraphQLError):
            return None
        except Exception as error:
            # Its message may contain data from the database; graphql-core will meet the same error.
            logger.warning("a compiled query was left to graphql-core: %s", type(error).__name__)
            return None

    def _known(self, query: str, operation_name: str | None) -> "_Variants | None":
        """Return the operation if it has been run before."""
        if query not in self._documents:
            return None
        document = self._documents[query]
        return None if document is None else document.known.get(operation_name)

    async def _variants(self, query: str, operation_name: str | None) -> "_Variants | None":
        if query in self._documents:
            document = self._documents[query]
        elif len(query) > MAX_DOCUMENT_CHARACTERS and query not in self._trusted:
            return None
        else:
            document = self._documents[query] = await on_worker_thread(
                self._options.meter, self._parsed, query
            )
        return None if document is None else await document.variants(operation_name)

    def _parsed(self, query: str) -> "_Document | None":
        most = None if query in self._trusted else self._options.max_tokens
        try:
            document = parse(query, max_tokens=most, no_location=True)
        except (GraphQLError, RecursionError):
            return None
        return _Document(self._options, document)


class _Document:
    """A document; its operations are compiled when they are first asked for."""

    def __init__(self, options: _Options, document: DocumentNode) -> None:
        self._options = options
        self._document = document
        # Keyed by the operation found, not by the name given: there is no end of names.
        self._operations: dict[int, _Variants | None] = {}
        self.known: dict[str | None, _Variants] = {}
        """Those found by these names; names that find none aren't kept."""

    async def variants(self, operation_name: str | None) -> "_Variants | None":
        """Return the named operation, or None if there is none or graphql-core must run it."""
        found = get_operation_ast(self._document, operation_name)
        if found is None:
            return None
        key = id(found)
        if key not in self._operations:
            self._operations[key] = await on_worker_thread(
                self._options.meter, self._compiled, found
            )
        variants = self._operations[key]
        if variants is not None:
            self.known[operation_name] = variants
        return variants

    def _compiled(self, operation: OperationDefinitionNode) -> "_Variants | None":
        try:
            return _Variants(self._options, self._document, operation)
        except (NotCompilableError, GraphQLError, RecursionError):
            return None


class _Variants:
    """One operation of a document, compiled for each set of values that its directives read."""

    def __init__(
        self, options: _Options, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        if operation.operation is not OperationType.QUERY:
            # Before its variables are read: graphql-core reads them anyway.
            raise NotCompilableError
        self._options = options
        self._operation = operation
        schema = graphql_schema(options.schema)
        # Before validation, which by itself could take for ever.
        self._check = options.check(document, operation) if options.check else None
        if validate(schema, document, max_errors=0, hide_suggestions=True):
            raise NotCompilableError  # graphql-core reports the errors
        self._variables = Variables(
            schema,
            operation.variable_definitions or (),
            with_sources=has_variables_inside(document),
        )
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        in_directives = _DirectiveVariables()
        visit(document, in_directives)
        self._in_directives = sorted(in_directives.names)
        self._compiled: dict[tuple[Any, ...], Operation | None] = {}

    @property
    def is_left(self) -> bool:
        """Whether graphql-core has to run it, whatever its variables: they needn't be read here."""
        return not self._in_directives and self._compiled.get((), self) is None

    def values(self, given: dict[str, Any]) -> VariableValues:
        """Return the given variables' values, if the operation may run with them."""
        values = self._variables.values(given)
        if self._check:
            self._check(given)
        return values

    def known(self, values: VariableValues) -> Operation | None:
        """Return the variant for the values; None if it is not known yet, or can't be compiled."""
        return self._compiled.get(self._key(values))

    async def operation(self, values: VariableValues) -> Operation:
        """Return the variant for the values. Raises ``NotCompilableError`` if there is none."""
        key = self._key(values)
        if key not in self._compiled:
            compiled = await on_worker_thread(self._options.meter, self._compile, values.coerced)
            if len(self._compiled) >= MAX_VARIANTS:
                self._compiled.clear()
            self._compiled[key] = compiled
        variant = self._compiled[key]
        if variant is None:
            raise NotCompilableError
        return variant

    def _key(self, values: VariableValues) -> tuple[Any, ...]:
        names = self._in_directives
        return tuple([values.coerced.get(name) for name in names]) if names else ()

    def _compile(self, variables: dict[str, Any]) -> Operation | None:
        schema = self._options.schema
        selector = Selector(graphql_schema(schema), self._fragments, variables)
        try:
            return Operation(schema, self._operation, selector)
        except (NotCompilableError, RecursionError, MemoryError):
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
