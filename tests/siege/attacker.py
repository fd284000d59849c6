"""The attacker's process: ``python -m tests.siege.attacker NAME FACTS SECONDS``.

It says "ready" when its requests are made, begins at a line on its standard input, and in the end
prints what it was answered, in JSON.
"""

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path

import uvloop

from tests.siege.attack import UNANSWERED, Fight
from tests.siege.attacks import ATTACKS
from tests.siege.facts import Facts


async def main(name: str, facts: str, seconds: str) -> None:
    """Attack for the seconds."""
    fight = Fight(Facts.read(Path(facts)))
    attacking = asyncio.ensure_future(ATTACKS[name].run(fight))
    beginning = asyncio.create_task(fight.began.wait())
    await asyncio.wait({attacking, beginning}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait({attacking}, timeout=float(seconds))
    if attacking.done():
        await attacking
        raise RuntimeError(f"{name} ended before its time")
    answers = dict(fight.answers)
    attacking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await attacking
    # Of what happens when all hang up, only that this was never answered.
    answers[UNANSWERED] = fight.answers[UNANSWERED]
    told = {"answers": {name: n for name, n in answers.items() if n}, "median": fight.median_ms}
    print(json.dumps(told), flush=True)


# They would have a machine of their own: what is measured comes first on this one.
os.nice(5)
uvloop.run(main(*sys.argv[1:]))
