"""The subscription root: what clients can watch."""

from collections.abc import AsyncGenerator

import strawberry

from schema.context import Info
from schema.errors import BadUserInputError
from schema.inputs import read_id
from schema.roles import STAFF
from schema.types.enums import ChangeKind
from schema.types.run import Run


@strawberry.type
class Subscription:
    """Live changes in the viewer's practice."""

    @strawberry.subscription(
        description="The run as it is now, then after every change; ends once the run has.",
        extensions=STAFF,
    )
    async def run_progress(self, info: Info, run_id: strawberry.ID) -> AsyncGenerator[Run, None]:
        """The run as it is now, then after every change; ends once the run has."""
        key = read_id(run_id, "Run", "runId")
        context = info.context
        known = False
        async for row in context.change_feed.watch(context.pool, context.practice_id, key):
            known = True
            yield Run(row=row)
        if not known:
            raise BadUserInputError("runId is not a run of this practice.", "runId")

    @strawberry.subscription(
        description="What has changed in the practice, so that a client can fetch it again; never"
        " ends. The first event, and any after notifications may have been lost, names everything.",
        extensions=STAFF,
    )
    async def changes(self, info: Info) -> AsyncGenerator[list[ChangeKind], None]:
        """What has changed in the practice, so that a client can fetch it again; never ends.

        The first event, and any after notifications may have been lost, names everything.
        """
        async for kinds in info.context.change_feed.subscribe(info.context.practice_id):
            yield [ChangeKind(kind) for kind in sorted(kinds)]
