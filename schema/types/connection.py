"""Relay connections over keyset pages."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import strawberry

from db.rows import Page, Row

T = TypeVar("T")


@strawberry.type
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    """An object and its place in the list."""

    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    """A page of a list. ``first`` is 20 where left out and 100 at most."""

    edges: list[Edge[T]]
    page_info: PageInfo
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field
    def nodes(self) -> list[T]:
        """The objects of the page."""
        return [edge.node for edge in self.edges]

    @strawberry.field
    async def total_count(self) -> int:
        """How many the whole list has; counted only when asked for."""
        return await self.count()


def connection(
    page: Page,
    *,
    after: str | None,
    cursor_of: Callable[[Row], str],
    node_of: Callable[[Row], T],
    count: Callable[[], Awaitable[int]],
) -> Connection[T]:
    """Make a connection of a page that was read ``after`` a cursor."""
    edges: Sequence[Edge[T]] = [Edge(cursor=cursor_of(row), node=node_of(row)) for row in page.rows]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None and bool(edges),
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=list(edges), page_info=info, count=count)
