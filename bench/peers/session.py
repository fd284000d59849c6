"""What both peers send with: the same form, headers and connections as our adapter."""

import os
from uuid import UUID

import aiohttp

from bench.stage import ACCOUNT, CONNECTIONS, RECEIPTS_URL, SENDER, TOKEN

DATABASE_URL = os.environ["RECALLS_DATABASE_OWNER_URL"]
VALKEY_URL = os.environ["RECALLS_VALKEY_URL"]
URL = f"{os.environ['RECALLS_GATEWAY_URL']}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def open_session() -> aiohttp.ClientSession:
    """Return the session that a peer sends all of its messages with."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Authorization": aiohttp.encode_basic_auth(ACCOUNT, TOKEN)},
    )


async def post(session: aiohttp.ClientSession, to: str, body: str, reference: UUID) -> str:
    """Hand one message over; return the gateway's id for it."""
    form = {
        "To": to,
        "Body": body,
        "From": SENDER,
        "StatusCallback": f"{RECEIPTS_URL}?reference=1.{reference}",
    }
    async with session.post(URL, data=form, raise_for_status=True) as response:
        sid: str = (await response.json())["sid"]
        return sid
