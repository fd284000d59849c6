"""Relay connections over pages of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import strawberry

from rowql.fields import Cursor, FromRow, Page, Row

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
class LoadedPage:
    """The rows of a page, and what a connection's fields need to know about it."""

    page: Page
    key: Any
    rows: Sequence[Row]
    has_more: bool
    cursor: Cursor
    node_class: type[FromRow]


@strawberry.type
class Connection(Generic[T]):
    """A page of a list."""

    loaded: strawberry.Private[LoadedPage]

    @classmethod
    def from_rows(
        cls, page: Page, key: Any, rows: Sequence[Row], cursor: Cursor, node_class: type[FromRow]
    ) -> "Connection[T]":
        """Return a connection over what ``read`` returned for the key."""
        has_more = len(rows) > page.first
        return cls(loaded=LoadedPage(page, key, rows[: page.first], has_more, cursor, node_class))

    @strawberry.field
    def edges(self) -> list[Edge[T]]:
        """The objects of the page, each with its cursor."""
        loaded = self.loaded
        return [
            Edge(
                cursor=loaded.cursor.of(row),
                node=loaded.node_class(row=row),  # type: ignore[arg-type]
            )
            for row in loaded.rows
        ]

    @strawberry.field
    def page_info(self) -> PageInfo:
        """The position of the page in the list."""
        loaded = self.loaded
        cursors = [loaded.cursor.of(row) for row in (*loaded.rows[:1], *loaded.rows[-1:])]
        return PageInfo(
            has_next_page=loaded.has_more,
            has_previous_page=loaded.page.after is not None and bool(loaded.rows),
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

    @strawberry.field
    def nodes(self) -> list[T]:
        """The objects of the page."""
        return [self.loaded.node_class(row=row) for row in self.loaded.rows]  # type: ignore[misc]

    @strawberry.field
    async def total_count(self) -> int:
        """How many objects the whole list has; counted only when asked for."""
        counts = await self.loaded.page.totals([self.loaded.key])
        return counts.get(self.loaded.key, 0)
