"""The measured practices: made once as templates, cloned for each round."""

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bench.sizes import TOGETHER
from bench.stage import Stage
from bench.waiting import BenchError
from core.identity import Actor
from db.categories import CategoryDraft, save_category
from db.practices import NewPractice, create_practice
from db.sending import RunAccepted, plan_next, start_automated_run
from db.types import Connection, Pool

SQL = Path(__file__).parent / "sql"
PLANNED = "planned"
"""The template with a planned run that waits to be delivered."""
LARGE = "large"
"""The template with the large practice and two others, and no run."""
LARGE_PRACTICE, SMALL_PRACTICE, OTHER_PRACTICE = 1, 2, 3
BY_HAND = "Result to discuss"
FIRST_MOBILE = 61400000000
"""The large run's numbers count up from here."""
WATCHED = "+61499"
"""Prefix of the numbers whose arrivals the gateway keeps: those of recalls sent by hand."""
_HAND_MOBILES = {LARGE_PRACTICE: 61499000000, OTHER_PRACTICE: 61499500000}


@dataclass(frozen=True, slots=True)
class Planning:
    """How long planning took, in seconds: in total, and for accepting the run alone."""

    seconds: float
    accepting: float


async def plan_run(pool: Pool, practice_id: int) -> Planning:
    """Ask for an automated run of the practice and plan it to its end, as the worker's job does."""
    start = time.perf_counter()
    await accept_run(pool, practice_id)
    accepting = time.perf_counter() - start
    while await plan_next(pool):
        continue
    return Planning(time.perf_counter() - start, accepting)


async def accept_run(pool: Pool, practice_id: int) -> int:
    """Ask for an automated run of the practice; return its id."""
    outcome = await start_automated_run(
        pool, practice_id, None, idempotency_key=str(uuid4()), actor=Actor("Bench")
    )
    if not isinstance(outcome, RunAccepted):
        raise BenchError("the run has nothing to send")
    return outcome.run_id


async def execute(connection: Pool | Connection, script: str) -> None:
    """Run a script of bench/sql, in one transaction."""
    await connection.execute((SQL / f"{script}.sql").read_text())


async def make_planned(stage: Stage) -> None:
    """Make the template PLANNED."""
    async with stage.new_template(PLANNED) as pool:
        await execute(pool, "data")
        practice = await make_practice(pool, "Harbour Medical", stage.sizes.delivered)
        await plan_run(pool, practice)
        await execute(pool, "messages_of_jobs")
        await pool.execute("vacuum analyze", timeout=600)


async def make_large(stage: Stage) -> None:
    """Make the template LARGE; the rows that planning its run creates are kept beside it."""
    sizes = stage.sizes
    async with stage.new_template(LARGE) as pool:
        await execute(pool, "data")
        for practice, name, recalls in (
            (LARGE_PRACTICE, "Harbour Medical", sizes.large),
            (SMALL_PRACTICE, "Hill Medical", sizes.small),
            (OTHER_PRACTICE, "River Medical", sizes.small),
        ):
            if await make_practice(pool, name, recalls) != practice:
                raise BenchError("practices are not numbered from 1")
        for practice, first_mobile in _HAND_MOBILES.items():
            by_hand = sizes.idle * TOGETHER + 2 * sizes.sends
            await fill(pool, practice, BY_HAND, first_mobile, by_hand)
        await pool.execute("vacuum analyze", timeout=600)
        await plan_run(pool, LARGE_PRACTICE)
        # Not analyzed again: as in an installation that is about to send for the first time.
        await execute(pool, "keep_planned")


async def recalls_by_hand(pool: Pool, practice_id: int) -> list[tuple[int, str]]:
    """Return the recalls meant to be sent by hand, with the number of each."""
    rows = await pool.fetch(
        """
        select r.id, p.mobile from recalls r
        join patients p on p.practice_id = r.practice_id and p.id = r.patient_id
        where r.practice_id = $1 and r.reason = $2 order by r.id
        """,
        practice_id,
        BY_HAND,
    )
    return [(row["id"], row["mobile"]) for row in rows]


async def make_practice(
    pool: Pool, name: str, recalls: int, first_mobile: int = FIRST_MOBILE
) -> int:
    """Make a practice with ``recalls`` due recalls in an automated category; return its id."""
    new = NewPractice(name, "Australia/Sydney", "AU", "GENIE", "02 5550 1234")
    practice = await create_practice(pool, new)
    template = "Hi {firstName}, your {reason} is due. Please call {practiceName}, {practicePhone}."
    steps = ["SMS", "SMS", "LETTER"]
    for category, reason, automated in (
        ("Skin checks", "Skin check", True),
        ("Results", BY_HAND, False),
    ):
        draft = CategoryDraft(None, category, [reason], [], template, automated, steps)
        await save_category(pool, practice, draft, actor=Actor("Manager"))
    await fill(pool, practice, "Skin check", first_mobile, recalls)
    await pool.execute("select bench.fill_blocklist($1), bench.stop_schedule()", practice)
    return practice


async def fill(pool: Pool, practice: int, reason: str, first_mobile: int, count: int) -> None:
    """Add ``count`` patients to the practice, with a recall each."""
    await pool.execute(
        "select bench.fill($1, $2, $3, $4)", practice, reason, first_mobile, count, timeout=600
    )
