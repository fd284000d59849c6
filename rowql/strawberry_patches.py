"""What the compiler reads of Strawberry's internals, which offer no public way to it."""

from typing import Any

from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema
from strawberry.schema import Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter


def graphql_schema(schema: Schema) -> GraphQLSchema:
    """Return graphql-core's schema, which a Strawberry schema keeps to itself."""
    return schema._schema


def declaration(made: GraphQLField | GraphQLNamedType) -> Any:
    """Return the Strawberry field or type that graphql-core's was made from; None if there is none.

    Strawberry's public look-ups find a field only by the names of its type and its own.
    """
    return made.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
