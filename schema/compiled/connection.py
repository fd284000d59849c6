"""Relay connections over pages of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import strawberry

from schema.compiled.fields import Cursor, FromRow, Page, Row

T = TypeVar("T")


@strawberry.type
class PageInfo:
    """The position of a page in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    """An object and its cursor in the list."""

    cursor: str
    node: T


@dataclass(frozen=True, slots=True)
class Found:
    """A page that was read, and what its fields are made from."""

    page: Page
    key: Any
    rows: Sequence[Row]
    more: bool
    cursor: Cursor
    node: type[FromRow]


@strawberry.type
class Connection(Generic[T]):
    """A page of a list. ``first`` is 20 by default, and at most 100."""

    found: strawberry.Private[Found]

    @classmethod
    def of_page(
        cls, page: Page, key: Any, rows: Sequence[Row], cursor: Cursor, node: type[FromRow]
    ) -> "Connection[T]":
        """Return a connection over what ``read`` returned for the key."""
        more = len(rows) > page.first
        return cls(found=Found(page, key, rows[: page.first], more, cursor, node))

    @strawberry.field
    def edges(self) -> list[Edge[T]]:
        """The objects of the page, each with its cursor."""
        found = self.found
        return [
            Edge(cursor=found.cursor.of(row), node=found.node(row=row))  # type: ignore[arg-type]
            for row in found.rows
        ]

    @strawberry.field
    def page_info(self) -> PageInfo:
        """The position of the page in the list."""
        found = self.found
        cursors = [found.cursor.of(row) for row in (*found.rows[:1], *found.rows[-1:])]
        return PageInfo(
            has_next_page=found.more,
            has_previous_page=found.page.after is not None and bool(found.rows),
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

    @strawberry.field
    def nodes(self) -> list[T]:
        """The objects of the page."""
        return [self.found.node(row=row) for row in self.found.rows]  # type: ignore[misc]

    @strawberry.field
    async def total_count(self) -> int:
        """How many objects the whole list has; counted only when asked for."""
        counts = await self.found.page.totals([self.found.key])
        return counts.get(self.found.key, 0)
