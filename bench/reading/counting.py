"""The part "count": how long the count of a tab takes, beside a count of an index alone.

The tab is To Action, with all recalls of a practice: in one practice none has an attempt, in
another each has one, whose wait is over. Every reply is compared with what the view that sending
reads says.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import asyncpg

from bench.data import execute
from bench.databases import Databases
from bench.reading.ask import Asker, Figures, write_pages
from bench.reading.data import make_lists, make_tokens
from bench.reading.pages import Question
from bench.reading.servers import Server, Servers
from bench.reading.sizes import ReadSizes
from bench.report import Line, spread
from bench.waiting import BenchError
from db.pool import READ_SETTINGS
from db.tenancy import entering
from db.types import Pool
from dev.servers.running import as_application

COUNTED = "counted"
"""The database, made by ``make_counted``."""
UNTOUCHED, CONTACTED = 1, 2
"""Practices whose recalls have no attempt, and one each."""
GOAL_MS = 5.0
"""Most milliseconds of the whole request, at the median, if no recall has an attempt."""
QUERY = "query ($tab: RecallTab!) { recalls(tab: $tab) { totalCount } }"
_TRUTH = "select count(*) from logic.recall_status where practice_id = $1 and tab = 'TO_ACTION'"
_LIMIT = entering("""
  select count(*) from recalls
  where practice_id = $1 and not completed and no_further_action_at is null
""")


class Counter(Server):
    """Our server, asked for the count with a token."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__("ours", port, QUERY)
        self._token = token

    def variables(self, question: Question) -> dict[str, str]:  # noqa: ARG002
        """Return the variables; the token names the practice."""
        return {"tab": "TO_ACTION"}

    def headers(self, question: Question) -> dict[str, str]:  # noqa: ARG002
        """Return the header with the token."""
        return {"Authorization": f"Bearer {self._token}"}


@dataclass(frozen=True, slots=True)
class Counted:
    """A practice whose tab is counted, and the file with the request and its right reply."""

    practice: int
    count: int
    port: int
    pages: Path


async def make_counted(databases: Databases, sizes: ReadSizes) -> None:
    """Make the database."""
    await make_lists(databases, COUNTED, sizes.lists)
    url = databases.database_url(COUNTED) + "&session_replication_role=replica"
    connection = await asyncpg.connect(url)
    try:
        await execute(connection, "counting")
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()
    await databases.administer("checkpoint")


async def counts(
    databases: Databases, servers: Servers, pool: Pool, asker: Asker, sizes: ReadSizes
) -> list[Line]:
    """Return a line for each practice; ``pool`` connects to the database as its owner."""
    port = (await servers.ours(COUNTED, pool)).port
    tokens = await make_tokens(pool)
    url = as_application(databases.database_url(COUNTED))
    limit = await asyncpg.connect(url, server_settings=READ_SETTINGS)
    lines = []
    try:
        for practice, what, goal in (
            (UNTOUCHED, "without an attempt", GOAL_MS),
            (CONTACTED, "with an attempt each", None),
        ):
            counter = Counter(port, tokens[practice])
            counted = await _counted(counter, practice, pool, databases.directory)
            found, limits = [], []
            for _ in range(sizes.rounds):
                limits.append(await _limit_ms(limit, practice, sizes.seconds))
                found.append(
                    await asker.ask(
                        counted.port,
                        counted.pages,
                        connections=1,
                        warm_up=sizes.warm_up,
                        seconds=sizes.seconds,
                    )
                )
            lines.append(
                _line(f"count of a tab, {counted.count:,} recalls {what}", found, limits, goal)
            )
    finally:
        await limit.close()
    return lines


async def _counted(counter: Counter, practice: int, pool: Pool, directory: Path) -> Counted:
    question = Question(practice, 1)
    count = await pool.fetchval(_TRUTH, practice)
    reply = await counter.fetch(question)
    if reply.page() != {"totalCount": count}:
        raise BenchError(f"the count is {count}, but the reply {reply.body!r}")
    pages = directory / f"count_{practice}"
    write_pages(pages, [(counter.request(question), reply.body)])
    return Counted(practice, count, counter.port, pages)


async def _limit_ms(connection: asyncpg.Connection, practice: int, seconds: float) -> float:
    """Return the median of the milliseconds that counting the index's rows takes."""
    statement = await connection.prepare(_LIMIT)
    end, took = time.perf_counter() + seconds, []
    while (began := time.perf_counter()) < end:
        await statement.fetchval(practice)
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _line(what: str, found: list[Figures], limits: list[float], goal: float | None) -> Line:
    if any(figures.bad or not figures.replies for figures in found):
        return Line(what, f"VOID: {found[0].first_bad or 'no reply'}", met=False)
    times = [figures.p50 for figures in found]
    ratios = [mine / other for mine, other in zip(times, limits, strict=True)]
    return Line(
        what,
        spread(times, "{:.2f} ms"),
        f"the index alone {spread(limits, '{:.2f} ms')}",
        spread(ratios, "{:.2f}"),
        "" if goal is None else f"≤ {goal:g} ms",
        None if goal is None else median(times) <= goal,
    )
