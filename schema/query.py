"""The query root: what clients can read."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import strawberry

from db.blocklist import count_blocked, list_blocked
from db.categories import list_categories
from db.previews import preview_automated_run
from db.recalls import count_recalls, count_recalls_by_tab, list_recalls
from db.runs import count_runs, list_runs
from rowql import Columns, Connection, Cursor, Lookup, Page, lookup
from schema.context import Info
from schema.inputs import cursors, optional_text, page_size, read_cursor, read_due_cursor
from schema.mobile_check import check_mobile
from schema.node import find_node
from schema.previews import send_preview, template_preview
from schema.roles import ADMIN, STAFF
from schema.types.access import (
    AccessToken,
    Person,
    Session,
    find_people,
    find_sessions,
    find_tokens,
)
from schema.types.audit import AuditEvent, PeopleShown, find_events, find_people_shown
from schema.types.blocked import BlockedCommunication
from schema.types.enums import RecallTab
from schema.types.node import Node
from schema.types.practice import Practice, Viewer, find_practice, find_viewer
from schema.types.recall import Category, Recall, RecallCounts
from schema.types.recall_filter import RecallFilter, recall_query
from schema.types.run import Run, RunPreview, refusal_counts


def _recalls(
    info: Info,
    tab: RecallTab | None = None,
    filter: RecallFilter | None = None,  # noqa: A002
    first: int | None = None,
    after: str | None = None,
) -> Lookup:
    """The recall list by due date; every tab if ``tab`` is left out."""
    query = recall_query(tab, filter)
    size, place = page_size(first), read_due_cursor(after)
    scope = info.context.scope
    list_ = partial(list_recalls, *scope, query, first=size, after=place)
    if query.search is not None:
        info.context.shown(searches=1)
    return _page(list_, partial(count_recalls, *scope, query), size, after, info.context.shown)


def _recall_counts(
    info: Info,
    filter: RecallFilter | None = None,  # noqa: A002
) -> Lookup:
    """How many recalls each tab has, as of one moment."""
    query = recall_query(None, filter)
    if query.search is not None:
        info.context.shown(searches=1)

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await count_recalls_by_tab(*info.context.scope, query, columns)

    return Lookup(read)


def _blocked_communications(
    info: Info,
    search: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Lookup:
    """The blocked communication list, newest entry first; ``search`` works as for recalls."""
    search = optional_text(search, "search")
    size, place = page_size(first), read_cursor(after, "blocked")
    scope = info.context.scope
    list_ = partial(list_blocked, *scope, search=search, first=size, after=place)
    if search is not None:
        info.context.shown(searches=1)
    count = partial(count_blocked, *scope, search=search)
    return _page(list_, count, size, after, info.context.shown)


def _runs(info: Info, first: int | None = None, after: str | None = None) -> Lookup:
    """The practice's runs, newest first."""
    size, place = page_size(first), read_cursor(after, "runs")
    list_ = partial(list_runs, *info.context.scope, first=size, after=place)
    return _page(list_, partial(count_runs, *info.context.scope), size, after)


def _categories(info: Info) -> Lookup:
    """The practice's categories, by name."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        return await list_categories(*info.context.scope, columns)

    return Lookup(read)


def _page(
    list_: Any, count: Any, first: int, after: str | None, shown: Callable[..., None] | None = None
) -> Lookup:
    """Return a page's lookup; ``shown`` counts the people on it, unless None."""

    async def read(_keys: Sequence[Any], columns: Columns) -> Sequence[Any]:
        rows: Sequence[Any] = await list_(columns=columns)
        if shown is not None:
            shown(people=min(len(rows), first), lists=1)
        return rows

    async def total(keys: Sequence[Any]) -> dict[Any, int]:
        return dict.fromkeys(keys, await count())

    return Lookup(read, Page(first, after, total))


@strawberry.type
class Query:
    """All data is that of the viewer's practice."""

    node: Node | None = lookup(find_node, extensions=STAFF)
    viewer: Viewer = lookup(find_viewer, extensions=STAFF)
    practice: Practice = lookup(find_practice, extensions=STAFF)
    recalls: Connection[Recall] = lookup(
        _recalls, cursor=Cursor(cursors, "recalls", ("due_date", "id")), extensions=STAFF
    )
    recall_counts: RecallCounts = lookup(_recall_counts, extensions=STAFF)
    categories: list[Category] = lookup(_categories, extensions=STAFF)
    blocked_communications: Connection[BlockedCommunication] = lookup(
        _blocked_communications, cursor=Cursor(cursors, "blocked", ("id",)), extensions=STAFF
    )
    runs: Connection[Run] = lookup(_runs, cursor=Cursor(cursors, "runs", ("id",)), extensions=STAFF)

    access_tokens: list[AccessToken] = lookup(find_tokens, extensions=ADMIN)
    people: list[Person] = lookup(find_people, extensions=ADMIN)
    sessions: list[Session] = lookup(find_sessions, extensions=STAFF)
    audit_events: Connection[AuditEvent] = lookup(
        find_events, cursor=Cursor(cursors, "audit", ("at", "id")), extensions=ADMIN
    )
    people_shown: Connection[PeopleShown] = lookup(
        find_people_shown, cursor=Cursor(cursors, "shown", ("hour", "id")), extensions=ADMIN
    )

    send_preview = strawberry.field(
        send_preview, description=send_preview.__doc__, extensions=STAFF
    )
    template_preview = strawberry.field(
        template_preview, description=template_preview.__doc__, extensions=STAFF
    )
    check_mobile = strawberry.field(
        check_mobile, description=check_mobile.__doc__, extensions=STAFF
    )

    @strawberry.field(description=RunPreview.__doc__, extensions=STAFF)
    async def automated_run_preview(self, info: Info) -> RunPreview:
        """What the next automated run would do, by the same rule."""
        # Over the whole practice, so not with a cached query plan.
        async with info.context.previewing() as pool:
            preview = await preview_automated_run(pool, info.context.practice_id)
        return RunPreview(
            messages=preview.messages,
            recalls=preview.recalls,
            segments=preview.segments,
            overridden=preview.overridden,
            refusals=refusal_counts(preview.refusals),
            next_run_at=preview.next_run_at,
        )
