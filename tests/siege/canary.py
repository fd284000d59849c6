"""The canary's process: ``python -m tests.siege.canary FACTS``, of a practice nobody attacks.

It reads, blocks, sends STOP and checks the API's health, each at its own pace regardless of earlier
outcomes, until its standard input ends. Then it prints all its waits, in JSON.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeAlias

import aiohttp
import uvloop

from tests.siege.facts import READ, REPLIES_URL, Facts, trusted
from tests.siege.scheduling import prefer
from tests.siege.wire import HOST
from workers.gateway.twilio_signature import sign

GIVE_UP = 10.0
"""Seconds after which a request is given up."""
NEWCOMER = 20
"""One read in this many is with a token that the API's process hasn't seen lately."""
Wait: TypeAlias = tuple[float, float | None]
"""When a request was made, and how long it took; None: it wasn't answered as it should be."""
Answered: TypeAlias = AbstractAsyncContextManager[aiohttp.ClientResponse]


class Canary:
    """Staff, patients and the load balancer of a practice."""

    def __init__(self, facts: Facts, http: aiohttp.ClientSession) -> None:
        self._facts, self._http, self._documents = facts, http, trusted()
        self._numbers = itertools.count()
        self._newcomers = itertools.cycle(facts.other.known)
        self._reads = itertools.count(1)
        self.over = asyncio.Event()
        self.waits: dict[str, list[Wait]] = {}
        self.wrong: dict[str, int] = {}

    async def read(self) -> str | None:
        """Read a page of the list; return what is wrong with the answer, or None."""
        is_new = next(self._reads) % NEWCOMER == 0
        token = next(self._newcomers) if is_new else self._facts.other.receptionist
        return await self._operation(token, READ, None)

    async def block(self) -> str | None:
        """Block a number."""
        mobile = self._facts.other.mobiles[next(self._numbers) % 1_000]
        given = {"input": {"mobile": mobile, "blockedRecalls": True}}
        token = self._facts.other.receptionist
        return await self._operation(token, self._documents["BlockMobile"], given)

    async def stop(self) -> str | None:
        """Send a patient's STOP."""
        n = next(self._numbers)
        mobile = self._facts.other.mobiles[1_000 + n % 1_000]
        form = {"MessageSid": f"SM{n}", "From": mobile, "To": "+61400000000", "Body": "STOP"}
        headers = {"X-Twilio-Signature": sign(self._facts.gateway_token, REPLIES_URL, form)}
        async with self._http.post("/replies/twilio", data=form, headers=headers) as answer:
            return None if answer.status == 200 else str(answer.status)

    async def health(self) -> str | None:
        """Check the API's health."""
        async with self._http.get("/healthz") as answer:
            return None if answer.status == 200 else str(answer.status)

    async def _operation(self, token: str, document: str, variables: object) -> str | None:
        body = {"query": document, "variables": variables}
        headers = {"Authorization": f"Bearer {token}"}
        async with self._http.post("/graphql", json=body, headers=headers) as answer:
            content = await answer.json(content_type=None)
        if answer.status != 200 or "errors" in content:
            return f"{answer.status} {content.get('errors', '')}"[:200]
        return None

    async def pace(self, name: str, act: Callable[[], Awaitable[str | None]], each: float) -> None:
        """Do ``act`` every ``each`` seconds."""
        waits = self.waits.setdefault(name, [])

        async def once() -> None:
            begin = time.monotonic()
            try:
                wrong = await act()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                wrong = type(error).__name__
            if wrong is not None:
                self.wrong[f"{name}: {wrong}"] = self.wrong.get(f"{name}: {wrong}", 0) + 1
            waits.append((begin, None if wrong else time.monotonic() - begin))

        begin = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for n in itertools.count():
                await asyncio.sleep(max(0.0, begin + n * each - asyncio.get_running_loop().time()))
                if self.over.is_set():
                    return
                group.create_task(once())


async def main(facts: str) -> None:
    """Make requests until the standard input ends."""
    told = Facts.read(Path(facts))
    # Shorter than the server's, so that no request meets a connection that is just being closed.
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)
    timeout = aiohttp.ClientTimeout(total=GIVE_UP)
    url = f"http://{HOST}:{told.port}"
    async with aiohttp.ClientSession(url, connector=connector, timeout=timeout) as http:
        canary = Canary(told, http)
        async with asyncio.TaskGroup() as group:
            group.create_task(canary.pace("read", canary.read, 0.05))
            group.create_task(canary.pace("block", canary.block, 1))
            group.create_task(canary.pace("stop", canary.stop, 1))
            group.create_task(canary.pace("health", canary.health, 0.5))
            await asyncio.to_thread(sys.stdin.read)
            canary.over.set()
    print(json.dumps({"waits": canary.waits, "wrong": canary.wrong}), flush=True)


prefer(os.getpid())
uvloop.run(main(*sys.argv[1:]))
