"""What clients can ask for."""

from functools import partial

import strawberry

from db.blocklist import count_blocked, list_blocked
from db.categories import list_categories
from db.recalls import count_recalls, list_recalls
from db.runs import count_runs, list_runs
from db.sending import preview_automated_run
from schema.context import Info
from schema.inputs import cursor, optional_text, page_size, read_cursor, read_due_cursor
from schema.node import find_node
from schema.roles import STAFF
from schema.types.blocked import BlockedCommunication
from schema.types.connection import Connection, connection
from schema.types.enums import RecallTab
from schema.types.node import Node
from schema.types.practice import Practice, Viewer, the_practice
from schema.types.recall import Category, Recall
from schema.types.recall_filter import RecallFilter, recall_query
from schema.types.run import Run, RunPreview, refusal_counts


@strawberry.type
class Query:
    """Everything here is of the viewer's practice."""

    @strawberry.field(permission_classes=STAFF)
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002
        """Find an object again by its id; null where the practice has none."""
        return await find_node(info, id)

    @strawberry.field(permission_classes=STAFF)
    def viewer(self, info: Info) -> Viewer:
        """Who the token names."""
        return Viewer(name=info.context.viewer.name, role=info.context.viewer.role)

    @strawberry.field(permission_classes=STAFF)
    async def practice(self, info: Info) -> Practice:
        """The viewer's practice."""
        return await the_practice(info)

    @strawberry.field(permission_classes=STAFF)
    async def recalls(
        self,
        info: Info,
        tab: RecallTab | None = None,
        filter: RecallFilter | None = None,  # noqa: A002
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Recall]:
        """The recall list by due date; every tab where ``tab`` is left out."""
        query = recall_query(tab, filter)
        pool, practice_id = info.context.pool, info.context.practice_id
        page = await list_recalls(
            pool, practice_id, query, first=page_size(first), after=read_due_cursor(after)
        )
        return connection(
            page,
            after=after,
            cursor_of=lambda row: cursor("recalls", row["due_date"], row["id"]),
            node_of=lambda row: Recall(row=row),
            count=partial(count_recalls, pool, practice_id, query),
        )

    @strawberry.field(permission_classes=STAFF)
    async def categories(self, info: Info) -> list[Category]:
        """The practice's categories by name."""
        rows = await list_categories(info.context.pool, info.context.practice_id)
        return [Category(row=row) for row in rows]

    @strawberry.field(permission_classes=STAFF)
    async def blocked_communications(
        self,
        info: Info,
        search: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[BlockedCommunication]:
        """The blocked communication list, newest entry first; ``search`` as for recalls."""
        search = optional_text(search, "search")
        pool, practice_id = info.context.pool, info.context.practice_id
        page = await list_blocked(
            pool,
            practice_id,
            search=search,
            first=page_size(first),
            after=read_cursor(after, "blocked"),
        )
        return connection(
            page,
            after=after,
            cursor_of=lambda row: cursor("blocked", row["id"]),
            node_of=lambda row: BlockedCommunication(row=row),
            count=partial(count_blocked, pool, practice_id, search=search),
        )

    @strawberry.field(permission_classes=STAFF)
    async def runs(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Run]:
        """The practice's runs, newest first."""
        pool, practice_id = info.context.pool, info.context.practice_id
        page = await list_runs(
            pool, practice_id, first=page_size(first), after=read_cursor(after, "runs")
        )
        return connection(
            page,
            after=after,
            cursor_of=lambda row: cursor("runs", row["id"]),
            node_of=lambda row: Run(row=row),
            count=partial(count_runs, pool, practice_id),
        )

    @strawberry.field(permission_classes=STAFF)
    async def automated_run_preview(self, info: Info) -> RunPreview:
        """What the next automated run would do, counted by the same rule."""
        preview = await preview_automated_run(info.context.pool, info.context.practice_id)
        return RunPreview(
            messages=preview.messages,
            recalls=preview.recalls,
            segments=preview.segments,
            overridden=preview.overridden,
            refusals=refusal_counts(preview.refusals),
            next_run_at=preview.next_run_at,
        )
