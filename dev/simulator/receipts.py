"""Delivery receipts: tells the sender's callback what became of each message, as Twilio does."""

import asyncio
from dataclasses import dataclass, replace
from typing import Self

import aiohttp
from yarl import URL

from dev.simulator.faults import Fate
from dev.simulator.store import StoredMessage
from workers.gateway.twilio_signature import sign

ATTEMPTS = 5
CONCURRENCY = 64
UNREACHABLE_HANDSET = 30003
_FIRST_BACKOFF = 0.2
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class _Due:
    """A message with its statuses still to be reported, the next one first."""

    message: StoredMessage
    callback: str
    statuses: tuple[str, ...]
    attempt: int = 1


class Receipts:
    """Moves messages on from "queued" and calls back about it; use as an async context manager.

    A message becomes "delivered" or "undelivered", and is reported as "sent", then as that.
    Callbacks run at most `CONCURRENCY` at a time; one that fails is tried again, `ATTEMPTS` times
    in all.
    """

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token
        self._due: asyncio.Queue[_Due] = asyncio.Queue()
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

    def schedule(self, message: StoredMessage, delay: float, fate: Fate) -> None:
        """Have `message` move on after `delay` seconds, and report on it according to `fate`."""
        final = "undelivered" if fate.undelivered else "delivered"
        self._loop.call_later(delay, self._move_on, message, final)
        if message.callback is None or fate.receipts_dropped:
            return
        statuses = (final, "sent") if fate.receipts_swapped else ("sent", final)
        times = 2 if fate.receipts_repeated else 1
        self._put(_Due(message, message.callback, statuses * times), delay + fate.receipts_late)

    def _move_on(self, message: StoredMessage, final: str) -> None:
        message.status = final
        if final == "undelivered":
            message.error = UNREACHABLE_HANDSET

    def _put(self, due: _Due, delay: float) -> None:
        self._loop.call_later(delay, self._due.put_nowait, due)

    async def _work(self) -> None:
        while True:
            due = await self._due.get()
            status, *others = due.statuses
            if not await self._report(due, status) and due.attempt < ATTEMPTS:
                backoff = _FIRST_BACKOFF * 2 ** (due.attempt - 1)
                self._put(replace(due, attempt=due.attempt + 1), backoff)
            elif others:
                self._due.put_nowait(replace(due, statuses=tuple(others), attempt=1))

    async def _report(self, due: _Due, status: str) -> bool:
        """Call back about the message's status; return whether the callback succeeded."""
        message = due.message
        form = {
            "AccountSid": message.account,
            "ApiVersion": "2010-04-01",
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "To": message.to,
        }
        if message.sender is not None:
            form["From"] = message.sender
        if message.service is not None:
            form["MessagingServiceSid"] = message.service
        if status == "undelivered":
            form["ErrorCode"] = str(UNREACHABLE_HANDSET)
        url = URL(due.callback)
        headers = {"X-Twilio-Signature": sign(self._auth_token, str(url), form)}
        try:
            async with self._session.post(
                url, data=form, headers=headers, allow_redirects=False
            ) as response:
                return response.status in range(200, 300)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
