"""Strawberry as fast as it goes on its own: one statement, plain fields, caches, and orjson."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from bench.peers.page import cursor, open_pool, read_page, serve
from db.types import Row


@strawberry.type
class Category:
    """A category."""

    id: strawberry.ID
    name: str


@strawberry.type
class Patient:
    """A patient."""

    id: strawberry.ID
    first_name: str
    last_name: str
    mobile: str | None


@strawberry.type
class SmsStatus:
    """What the rule says."""

    blocked: bool
    reason: str | None
    overridable: bool
    message: str | None


@strawberry.type
class Recall:
    """A recall."""

    id: strawberry.ID
    reason: str
    urgency: str | None
    due_date: date
    category: Category | None
    patient: Patient
    sms_status: SmsStatus


@strawberry.type
class RecallEdge:
    """A recall and its place."""

    cursor: str
    node: Recall


@strawberry.type
class PageInfo:
    """What comes after."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class RecallConnection:
    """One page."""

    edges: list[RecallEdge]
    page_info: PageInfo


@strawberry.input
class RecallFilter:
    """Only makes the document valid; what is compared asks for no filter."""

    blocked: bool | None = None


@strawberry.type
class Query:
    """The one list."""

    @strawberry.field
    async def recalls(
        self,
        info: strawberry.Info,
        practice: int,
        first: int,
        after: str | None = None,
        filter: RecallFilter | None = None,  # noqa: A002, ARG002
    ) -> RecallConnection:
        """Return a page in order of due date."""
        rows = await read_page(info.context, practice, first, after)
        edges = [_edge(row) for row in rows[:first]]
        end = edges[-1].cursor if edges else None
        return RecallConnection(
            edges=edges, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=end)
        )


def _edge(row: Row) -> RecallEdge:
    (key, reason, urgency, due, category, category_name, patient, first_name, last_name, mobile,
     sms_reason, overridable, message) = row  # fmt: skip
    return RecallEdge(
        cursor=cursor(due, key),
        node=Recall(
            id=strawberry.ID(f"Recall:{key}"),
            reason=reason,
            urgency=urgency,
            due_date=due,
            category=Category(id=strawberry.ID(f"Category:{category}"), name=category_name)
            if category
            else None,
            patient=Patient(
                id=strawberry.ID(f"Patient:{patient}"),
                first_name=first_name,
                last_name=last_name,
                mobile=mobile,
            ),
            sms_status=SmsStatus(
                blocked=sms_reason is not None,
                reason=sms_reason,
                overridable=overridable,
                message=message,
            ),
        ),
    )


class Endpoint(GraphQL[Any, None]):
    """Strawberry's endpoint with orjson; the context is the pool."""

    async def get_context(self, request: Any, response: Any) -> Any:  # noqa: ARG002
        """Return the pool, for the resolvers."""
        return request.app.state.pool

    def encode_json(self, data: object) -> bytes:
        """Write the reply."""
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> Any:
        """Read the request."""
        return orjson.loads(data)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Hold the connections while it serves."""
    async with await open_pool() as app.state.pool:
        yield


schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])

if __name__ == "__main__":
    serve(Starlette(routes=[Route("/graphql", Endpoint(schema))], lifespan=lifespan))
