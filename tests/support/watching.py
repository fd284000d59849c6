"""The change feed's watchers and subscribers in this process, and revoking their tokens."""

import gc

from db.change_feed import ChangeFeed
from db.tokens import list_tokens, revoke_token
from tests.support.served import Served


def watchers() -> int:
    """Return how many runs and practices are watched, over all APIs in this process."""
    # Only what refers to the class: a list of all objects would keep them alive for a moment.
    known = [each for each in gc.get_referrers(ChangeFeed) if type(each) is ChangeFeed]
    return sum(len(each._watchers) + len(each._subscribers) for each in known)


async def somebody_watches() -> bool:
    return watchers() > 0


async def nobody_watches() -> bool:
    return watchers() == 0


async def revoke_all(served: Served) -> None:
    pool, practice = served.practice.pool, served.practice.id
    for token in await list_tokens(pool, practice):
        await revoke_token(pool, practice, token["id"])
