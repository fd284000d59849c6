"""A fuzzer's process: ``python -m tests.siege.fuzz.fuzzer KIND FACTS SECONDS SEED``.

It says "ready", begins at a line on its standard input, and at the end prints the number of cases
and what was found, in JSON.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from pathlib import Path

from tests.siege.facts import Facts
from tests.siege.fuzz.findings import Findings
from tests.siege.fuzz.requests import Requests
from tests.siege.fuzz.schema import Schema
from tests.siege.fuzz.sockets import Sockets

ABREAST = 12
"""Requests or conversations at a time."""


async def abreast(made: Requests | Sockets, findings: Findings, until: float) -> None:
    """Send cases until that time, ``ABREAST`` of them at once."""
    numbers = itertools.count()

    async def one() -> None:
        while time.monotonic() < until:
            await made.send(next(numbers))

    async def look() -> None:
        while time.monotonic() < until:
            await asyncio.sleep(0.5)
            findings.look_inside()

    await asyncio.gather(look(), *(one() for _ in range(ABREAST)))


def begin() -> None:
    """Report that everything is ready, and wait for the word to begin."""
    print("ready", flush=True)
    sys.stdin.readline()


def main(kind: str, told: str, seconds: str, seed: str) -> None:
    """Fuzz for that many seconds."""
    path = Path(told)
    facts, findings = Facts.read(path), Findings(path.parent, kind)
    if kind == "schema":
        schema, numbers = Schema(facts, seed, findings), itertools.count()
        begin()
        until = time.monotonic() + float(seconds)
        while time.monotonic() < until:
            schema.ask(next(numbers))
            findings.look_inside()
    else:
        made = Requests if kind == "requests" else Sockets
        fuzzing = made(facts, seed, findings)
        begin()
        asyncio.run(abreast(fuzzing, findings, time.monotonic() + float(seconds)))
    findings.look_inside()
    print(json.dumps({"cases": findings.cases, "found": findings.found}), flush=True)


os.nice(5)
main(*sys.argv[1:])
