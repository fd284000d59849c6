"""Fuzzing over HTTP: valid requests, changed in their framing, head, URL or body."""

import asyncio
import json
from random import Random
from typing import Any

from tests.siege.facts import Facts
from tests.siege.fuzz import mutations, seeds
from tests.siege.fuzz.findings import Findings, wrong_in_answers
from tests.siege.wire import GONE, HOST, bearer, http

SILENCE = 1.0
"""Seconds of silence that end an answer."""
LONGEST, MAX = 3.0, 2**20
"""Most seconds and bytes of an answer that are read: some streams don't end."""


class Requests:
    """Requests made up by number, and sent."""

    def __init__(self, facts: Facts, seed: str, findings: Findings) -> None:
        self._facts, self._seed, self._findings = facts, seed, findings
        self._operations = seeds.operations(facts)
        self._tokens = seeds.tokens(facts)
        self._others = [
            *seeds.requests(facts),
            *(_asked(self._tokens[0], each) for each in self._operations),
        ]

    async def send(self, number: int) -> None:
        """Make up the request with that number, send it, and check what comes back."""
        luck = Random(f"{self._seed} {number}")  # noqa: S311
        sent = self._made_up(luck)
        self._findings.begin(sent)
        back = await exchange(self._facts.port, sent, luck)
        if wrong := wrong_in_answers(back):
            self._findings.add(wrong, sent, back)

    def _made_up(self, luck: Random) -> bytes:
        kind = luck.random()
        if kind < 0.5:
            asked: Any = luck.choice(self._operations)
            body = mutations.written(luck, mutations.json_changed(luck, asked))
            request = http("POST", "/graphql", body, bearer(luck.choice(self._tokens)))
        else:
            request = luck.choice(self._others)
        if kind > 0.4:
            request = mutations.head_changed(luck, request)
        if kind > 0.7:
            request = mutations.bytes_changed(luck, request, self._others)
        if luck.random() < 0.15:
            request = mutations.chunked(luck, request)
        if luck.random() < 0.1:
            request += luck.choice(self._others)
        return request


def _asked(token: str, operation: dict[str, Any]) -> bytes:
    return http("POST", "/graphql", json.dumps(operation).encode(), bearer(token))


async def exchange(port: int, sent: bytes, luck: Random) -> bytes:
    """Send the bytes in a few pieces; return what comes back till silence."""
    back = b""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except GONE:
        return b"could not connect"
    try:
        cuts = sorted(luck.randrange(len(sent) + 1) for _ in range(luck.choice((0, 0, 1, 3))))
        for begin, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            writer.write(sent[begin:end])
            await asyncio.sleep(0)
        if luck.random() < 0.1:
            writer.write_eof()
        async with asyncio.timeout(LONGEST):
            while len(back) < MAX:
                async with asyncio.timeout(SILENCE):
                    part = await reader.read(2**16)
                if not part:
                    break
                back += part
    except (*GONE, TimeoutError):
        pass
    finally:
        writer.transport.abort()
    return back
