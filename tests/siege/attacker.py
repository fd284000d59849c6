"""The attacker's process: ``python -m tests.siege.attacker NAME FACTS SECONDS``.

It says "ready" when its requests are prepared, begins at a line on its standard input, and at the
end prints counts of its answers, in JSON.
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
    """Attack for that many seconds."""
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
    # From what happens when all connections close, only the count of requests never answered.
    answers[UNANSWERED] = fight.answers[UNANSWERED]
    told = {"answers": {name: n for name, n in answers.items() if n}, "median": fight.median_ms}
    print(json.dumps(told), flush=True)


# Attackers would have a machine of their own: on this one, what is measured comes first.
os.nice(5)
uvloop.run(main(*sys.argv[1:]))
