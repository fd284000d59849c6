"""A bare aiohttp client: posts the planned messages, reads the answers, and does no more."""

import asyncio

import asyncpg
import uvloop

from bench.peers.session import DATABASE_URL, open_session, post
from bench.stage import CONNECTIONS


async def main() -> None:
    """Post every planned message; reading them isn't timed, because the gateway's clock counts."""
    connection = await asyncpg.connect(DATABASE_URL)
    messages = iter(await connection.fetch("select mobile, body, reference from contact_attempts"))
    await connection.close()
    async with open_session() as session:

        async def hand_over() -> None:
            for mobile, body, reference in messages:
                await post(session, mobile, body, reference)

        await asyncio.gather(*(hand_over() for _ in range(CONNECTIONS)))


uvloop.run(main())
