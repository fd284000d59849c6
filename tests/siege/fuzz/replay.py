"""Replaying the cases that a fuzzer kept, one after the other, with the outcome of each."""

import asyncio
from pathlib import Path
from random import Random

from tests.siege.attack import On
from tests.siege.fuzz import requests, sockets
from tests.siege.fuzz.findings import BETWEEN, SEEN
from tests.siege.fuzz.run import settings_of
from tests.siege.stage import Stage

SHOWN = 300
SETTLE_SECONDS = 0.3


async def replay(stage: Stage, kept: Path) -> None:
    """Send a file's cases, and print what comes back."""
    cases = (await asyncio.to_thread(kept.read_bytes)).split(BETWEEN)
    seen, told = stage.directory / SEEN, 0
    async with stage.served(On.OTHER_DOCUMENTS, "tests.siege.served", **settings_of(seen)) as (
        _,
        facts,
    ):
        for sent in cases:
            if "sockets" in kept.name:
                greeting, end, said = sent.partition(b"\r\n\r\n")
                head, frames = await sockets.exchange(facts.port, greeting + end, said)
                back = head + b" ".join(payload for _, payload in frames)
            else:
                back = await requests.exchange(facts.port, sent, Random(1))  # noqa: S311
            await asyncio.sleep(SETTLE_SECONDS)
            print(f"{sent[:SHOWN]!r}\n  -> {back[:SHOWN]!r}")
            lines = (await asyncio.to_thread(seen.read_text)).splitlines()
            print("".join(f"  !! {line[:SHOWN]}\n" for line in lines[told:]), end="")
            told = len(lines)
