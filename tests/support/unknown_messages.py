"""What a worker does once it has the gateway's list."""

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
    """Write down what the list says of the messages to the number, and let the chunk go on."""
    await settle_unknown(pool, unknown, mobile, settlements)
    await end_look_up(pool, unknown, look_again)
