"""The worker's part once it has the gateway's list."""

from collections.abc import Sequence

from db.delivery import Settlement
from db.types import Pool
from db.unknown_messages import UnknownMessages, end_look_up, settle_unknown


async def listed(
    pool: Pool,
    unknown: UnknownMessages,
    mobile: str,
    settlements: Sequence[Settlement],
    look_again: float = 60,
) -> None:
    """Settle the messages to the number by what the list says, and end the chunk's look-up."""
    await settle_unknown(pool, unknown, mobile, settlements)
    await end_look_up(pool, unknown, look_again)
