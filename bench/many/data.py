"""The busy practices: made once as templates, cloned for each round."""

from collections.abc import Sequence

from bench.data import BY_HAND, execute, fill, make_practice, plan_run
from bench.databases import Databases
from db.pool import open_owner_pool
from db.sync import RecallRow
from db.types import Pool

SPAN = 450_000
"""How far apart the practices' numbers begin, so that each number is one practice's alone."""
FIRST_MOBILE, FIRST_BY_HAND = 61400000000, 61499000000
"""The first practice's numbers begin a span, or ``HAND_SPAN``, after these."""
HAND_SPAN = 2_000
NIGHT_AND_DAY = "update practices set send_from = '00:00', send_until = '23:59:59'"


async def make_busy(
    databases: Databases,
    template: str,
    practices: Sequence[tuple[int, int]],
    *,
    planned: bool = False,
) -> None:
    """Make a template with practices from 1 on: (recalls that are due, recalls to send by hand).

    They may send at any hour, and no run begins by itself. With ``planned``, each has a run that
    waits to be delivered.
    """
    async with databases.new_template(template, triggers=False) as pool:
        await execute(pool, "data")
        for number, (recalls, by_hand) in enumerate(practices, start=1):
            name = f"Practice {number}"
            practice = await make_practice(pool, name, recalls, first_mobile_of(number))
            await fill(pool, practice, BY_HAND, FIRST_BY_HAND + number * HAND_SPAN, by_hand)
        await pool.execute(NIGHT_AND_DAY)
        await pool.execute("vacuum analyze", timeout=600)
    if planned:
        async with await open_owner_pool(databases.database_url(template), name="bench") as pool:
            for practice in range(1, len(practices) + 1):
                await plan_run(pool, practice)
            await pool.execute("vacuum analyze", timeout=600)
    await databases.administer("checkpoint")


def first_mobile_of(practice: int) -> int:
    """Return the number of the first patient whose recall is due; the others' count up from it."""
    return FIRST_MOBILE + practice * SPAN


async def recalls_of_pms(pool: Pool, practice: int, ids: Sequence[int]) -> list[RecallRow]:
    """Return the recalls as the practice's PMS has them."""
    rows = await pool.fetch(
        """
        select r.pms_id, p.pms_id as patient_pms_id, r.reason, r.due_date from recalls r
        join patients p on p.practice_id = r.practice_id and p.id = r.patient_id
        where r.practice_id = $1 and r.id = any ($2) order by r.id
        """,
        practice,
        ids,
    )
    return [RecallRow(**row) for row in rows]
