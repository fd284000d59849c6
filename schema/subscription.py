"""What clients can watch."""

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
    """ChangeFeed of what is under way in the viewer's practice."""

    @strawberry.subscription(extensions=STAFF)
    async def run_progress(self, info: Info, run_id: strawberry.ID) -> AsyncGenerator[Run, None]:
        """The run now, then on every change; ends when the run has."""
        key = read_id(run_id, "Run", "runId")
        context = info.context
        known = False
        async for row in context.change_feed.watch(context.pool, context.practice_id, key):
            known = True
            yield Run(row=row)
        if not known:
            raise BadUserInputError("runId is not a run of this practice.", "runId")

    @strawberry.subscription(extensions=STAFF)
    async def changes(self, info: Info) -> AsyncGenerator[list[ChangeKind], None]:
        """What has changed in the practice, so that who shows it can ask for it anew; without end.

        At first, and where some news may have been lost, everything.
        """
        async for kinds in info.context.change_feed.subscribe(info.context.practice_id):
            yield [ChangeKind(kind) for kind in sorted(kinds)]
