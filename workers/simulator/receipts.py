"""Delivery receipts: tells the sender's callback what became of each message, as Twilio does."""

import asyncio
from dataclasses import dataclass, replace
from typing import Self

import aiohttp
from yarl import URL

from workers.gateway.twilio_signature import sign
from workers.simulator.store import Kept

ATTEMPTS = 5
CONCURRENCY = 64
UNREACHABLE_HANDSET = 30003
_FIRST_BACKOFF = 0.2
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class _Receipt:
    message: Kept
    status: str
    final: str
    dropped: bool
    attempt: int = 1


class Receipts:
    """Moves messages on from "queued" and calls back about it; use as an async context manager.

    A message becomes "sent", then at once "delivered" or "undelivered". Callbacks run at most
    `CONCURRENCY` at a time; one that fails is tried again, `ATTEMPTS` times in all.
    """

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token
        self._due: asyncio.Queue[_Receipt] = asyncio.Queue()
        self._workers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONCURRENCY),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_TIMEOUT,
        )
        self._workers = [asyncio.create_task(self._work()) for _ in range(CONCURRENCY)]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._session.close()

    def schedule(self, message: Kept, delay: float, *, undelivered: bool, dropped: bool) -> None:
        """Report on `message` after `delay` seconds; if `dropped`, it moves on unreported."""
        final = "undelivered" if undelivered else "delivered"
        self._put(_Receipt(message, "sent", final, dropped), delay)

    def _put(self, receipt: _Receipt, delay: float) -> None:
        self._loop.call_later(delay, self._due.put_nowait, receipt)

    async def _work(self) -> None:
        while True:
            receipt = await self._due.get()
            message = receipt.message
            message.status = receipt.status
            if receipt.status == "undelivered":
                message.error = UNREACHABLE_HANDSET
            if not await self._report(receipt) and receipt.attempt < ATTEMPTS:
                backoff = _FIRST_BACKOFF * 2 ** (receipt.attempt - 1)
                self._put(replace(receipt, attempt=receipt.attempt + 1), backoff)
            elif receipt.status != receipt.final:
                self._due.put_nowait(replace(receipt, status=receipt.final, attempt=1))

    async def _report(self, receipt: _Receipt) -> bool:
        """Call back about `receipt`; give whether that is done with (done, or not wanted)."""
        message = receipt.message
        if message.callback is None or receipt.dropped:
            return True
        form = {
            "AccountSid": message.account,
            "ApiVersion": "2010-04-01",
            "MessageSid": message.sid,
            "MessageStatus": receipt.status,
            "SmsSid": message.sid,
            "SmsStatus": receipt.status,
            "To": message.to,
        }
        if message.sender is not None:
            form["From"] = message.sender
        if message.service is not None:
            form["MessagingServiceSid"] = message.service
        if message.error is not None:
            form["ErrorCode"] = str(message.error)
        url = URL(message.callback)
        headers = {"X-Twilio-Signature": sign(self._auth_token, str(url), form)}
        try:
            async with self._session.post(
                url, data=form, headers=headers, allow_redirects=False
            ) as response:
                return response.status in range(200, 300)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
