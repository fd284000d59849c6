"""A fuzzing run from start to end: three fuzzers, a canary, and a watch on the loop and the log."""

import asyncio
import json
import shutil
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.siege.attack import On
from tests.siege.children import begin_now, child, line_of, told_by
from tests.siege.facts import Facts
from tests.siege.fuzz.findings import KINDS, SEEN, wrong_inside
from tests.siege.stage import Stage
from tests.siege.wire import HOST, bearer

END_SECONDS = 30.0
"""Seconds that a fuzzer may take to end after its time."""
EACH = 0.05


@dataclass(slots=True)
class Result:
    """What a fuzzing run did and found."""

    cases: dict[str, int] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    """Bugs; must be empty."""
    late: int = 0
    """Times that the loop stood still because another process had the processor."""
    waits: list[float] = field(default_factory=list)
    """The canary's waits, in seconds."""

    def __str__(self) -> str:
        """Return a summary."""
        cases = ", ".join(f"{count} {kind}" for kind, count in self.cases.items())
        waits = sorted(self.waits)
        p99 = waits[int(0.99 * len(waits))] if waits else 0.0
        median = statistics.median(waits) if waits else 0.0
        return (
            f"{cases}; canary p50 {median * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms;"
            f" {self.late} times without a processor; {len(self.found)} found"
        )


def settings_of(seen: Path) -> dict[str, str]:
    """Return the settings of a watched process that writes what it sees to the file."""
    # With the usual budget, few of the fuzzers' requests would get any further.
    return {"RECALLS_RATE": "100000", "RECALLS_SIEGE_SEEN": str(seen)}


async def fuzz(stage: Stage, seconds: float, seed: int, directory: Path) -> Result:
    """Fuzz for that many seconds; keep the findings in the directory, which must be empty."""
    result, seen = Result(), directory / SEEN
    watched = "tests.siege.served"
    async with stage.served(On.OTHER_DOCUMENTS, watched, **settings_of(seen)) as served:
        program, facts = served
        told = directory / "facts.json"
        facts.write(told)
        over = asyncio.Event()
        async with AsyncExitStack() as stack:
            given = (str(told), f"{seconds}", f"{seed}")
            fuzzers = {
                kind: await stack.enter_async_context(child("fuzz.fuzzer", kind, *given))
                for kind in KINDS
            }
            await asyncio.gather(*(line_of(fuzzer) for fuzzer in fuzzers.values()))
            since = time.monotonic()
            watching = asyncio.create_task(_canary(facts, result, over))
            for fuzzer in fuzzers.values():
                begin_now(fuzzer)
            for kind, fuzzer in fuzzers.items():
                said = await told_by(fuzzer, seconds + END_SECONDS)
                result.cases[kind] = said.get("cases", 0)
                result.found += said.get("found", [f"the fuzzer of {kind} didn't end"])
            over.set()
            await watching
        if program.ended:
            result.found.append("the process ended")
        if "Traceback" in program.log.read_text(errors="replace"):
            result.found.append("the log has a traceback")
            shutil.copy(program.log, directory)
        _inside(seen, since, result)
    result.found = list(dict.fromkeys(result.found))
    (directory / "found.txt").write_text("".join(f"{each}\n" for each in result.found))
    return result


def _inside(path: Path, since: float, result: Result) -> None:
    """Record what the process saw of itself, except during its start."""
    for line in path.read_text().splitlines():
        seen = json.loads(line)
        if seen["at"] - seen.get("stood", 0) < since:
            continue
        if wrong := wrong_inside(seen):
            result.found.append(f"{wrong}: inside-{seen['at']:.3f}")
        else:
            result.late += 1


async def _canary(facts: Facts, result: Result, over: asyncio.Event) -> None:
    """Query the viewer and check the API's health all the time; each must be answered."""
    body, headers = {"query": "{ viewer { name } }"}, bearer(facts.other.receptionist)
    connector = aiohttp.TCPConnector(keepalive_timeout=3)
    async with aiohttp.ClientSession(f"http://{HOST}:{facts.port}", connector=connector) as http:
        while not over.is_set():
            begin = time.monotonic()
            try:
                async with http.post("/graphql", json=body, headers=headers) as answer:
                    content = await answer.json(content_type=None)
                if answer.status != 200 or "errors" in content:
                    result.found.append(f"the canary was answered {answer.status} {content}")
                result.waits.append(time.monotonic() - begin)
                async with http.get("/healthz") as answer:
                    if answer.status != 200:
                        result.found.append(f"/healthz answered {answer.status}")
            except (aiohttp.ClientError, ValueError) as error:
                result.found.append(f"the canary met {type(error).__name__}")
            await asyncio.sleep(EACH)
