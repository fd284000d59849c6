"""The attacker's process: ``python -m tests.siege.attacker NAME FACTS SECONDS``.

It says "ready" when its requests are made, begins at a line on its standard input, and in the end
prints what it was answered, in JSON.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from pathlib import Path

import uvloop

from tests.siege.attack import Fight
from tests.siege.attacks import ATTACKS
from tests.siege.facts import Facts


async def main(name: str, facts: str, seconds: str) -> None:
    """Attack for the seconds."""
    fight = Fight(Facts.read(Path(facts)))
    attacking = asyncio.ensure_future(ATTACKS[name].run(fight))
    beginning = asyncio.create_task(fight.began.wait())
    await asyncio.wait({attacking, beginning}, return_when=asyncio.FIRST_COMPLETED)
    begin = time.monotonic()
    await asyncio.wait({attacking}, timeout=float(seconds))
    ended_early = attacking.done()
    attacking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await attacking
    if ended_early:
        raise RuntimeError(f"{name} ended before its time")
    told = {"answers": fight.answers, "median": fight.median_ms, "begin": begin}
    print(json.dumps(told | {"end": time.monotonic()}), flush=True)


# They would have a machine of their own: what is measured comes first on this one.
os.nice(5)
uvloop.run(main(*sys.argv[1:]))
