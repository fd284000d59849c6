"""The database that is migrated: a hundred practices, one of them large, filled in bulk."""

from dataclasses import dataclass

from bench.data import execute
from bench.databases import Databases
from bench.upgrading.sizes import MigrateSizes
from bench.waiting import BenchError
from db.pool import open_owner_pool
from db.types import Pool

PRACTICES = 100
LARGE = 1
"""The large practice: about a twelfth of all recalls are its."""
SHARES = 108
"""Equal shares of the patients: nine are the large practice's, the others have one each."""
ROOM = ("set work_mem = '256MB'", "set maintenance_work_mem = '512MB'")


@dataclass(frozen=True, slots=True)
class ByHand:
    """A recall that staff may send, and the only number that its message can go to."""

    practice: int
    recall: int
    mobile: str


async def fill(databases: Databases, url: str, sizes: MigrateSizes) -> None:
    """Fill a database that has been migrated and is empty."""
    replica = f"{url}&session_replication_role=replica"
    async with await open_owner_pool(replica, name="bench", connections=1) as pool:
        for statement in ROOM:
            await pool.execute(statement)
        await execute(pool, "reading")
        await execute(pool, "upgrading")
        await pool.execute("select bench.put_off_indexes('patients')")
        await pool.execute("select bench.put_off_indexes('recalls')")
        await pool.execute("select bench.fill_practices($1)", PRACTICES)
        await pool.execute("select bench.leave_results_to_staff()")
        await pool.execute("select bench.fill_patients($1, $2)", SHARES, sizes.patients)
        await pool.execute("reindex table patients")
        await pool.execute("vacuum analyze patients")
        await pool.execute("select bench.fill_blocks($1)", sizes.blocks)
        await pool.execute("vacuum analyze blocked_communications")
        await pool.execute(
            "select bench.fill_recalls($1, $2, $3)", SHARES, sizes.patients, sizes.recalls
        )
        await pool.execute("reindex table recalls")
        await pool.execute("vacuum analyze recalls")
        await pool.execute("select bench.fill_history()")
        await pool.execute("vacuum analyze")
        if await pool.fetchval("select count(*) from pg_index where not indisvalid"):
            raise BenchError("an index is invalid")
    await databases.administer("checkpoint")


async def recalls_by_hand(pool: Pool, count: int) -> list[ByHand]:
    """Return up to ``count`` recalls that staff may send, every other one the large practice's.

    Nothing else is sent to their numbers.
    """
    rows = await pool.fetch(
        """
        select practice_id, id, mobile from (
          select r.practice_id, r.id, p.mobile,
                 row_number() over (partition by r.practice_id = $2 order by r.id) as place
          from recalls r
          join patients p on p.practice_id = r.practice_id and p.id = r.patient_id
          where r.reason = 'Result to discuss' and r.sms_reason is null and p.sms_consent
            and not r.completed and r.due_date < current_date
            and not exists (
              select from attempt_recalls a
              where a.practice_id = r.practice_id and a.recall_id = r.id)
            and not exists (
              select from patients o
              join recalls other on other.practice_id = o.practice_id and other.patient_id = o.id
              where o.practice_id = r.practice_id and o.mobile = p.mobile and other.id <> r.id
                and not other.completed)
        ) one
        order by place, practice_id limit $1
        """,
        count,
        LARGE,
    )
    return [ByHand(*row) for row in rows]
