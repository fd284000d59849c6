"""The databases whose lists are read: made once, and never written to during measurements."""

from bench.data import execute
from bench.databases import Databases
from bench.reading.sizes import Lists
from bench.waiting import BenchError
from core.identity import Role
from db.tokens import create_token
from db.types import Pool

PRACTICES = 20
READ = "read"
"""The database that nearly everything is measured on; also the template of MORE_BLOCKS."""
MORE_BLOCKS = "more_blocks"
LARGE = "large"


async def make_lists(databases: Databases, name: str, lists: Lists) -> None:
    """Make a database of 20 practices with the given numbers of patients, recalls and blocks."""
    patients, recalls = lists.patients, lists.recalls
    async with databases.new_template(name, triggers=False) as pool:
        await execute(pool, "reading")
        await pool.execute("select bench.put_off_indexes('patients')")
        await pool.execute("select bench.put_off_indexes('recalls')")
        await pool.execute("select bench.fill_practices($1)", PRACTICES)
        await pool.execute("select bench.fill_patients($1, $2)", PRACTICES, patients)
        await pool.execute("reindex table patients")
        await pool.execute("vacuum analyze patients")
        await pool.execute("select bench.fill_blocks($1)", lists.blocks)
        await pool.execute("select bench.fill_recalls($1, $2, $3)", PRACTICES, patients, recalls)
        await pool.execute("reindex table recalls")
        await pool.execute("vacuum analyze recalls")
        for practice in range(1, PRACTICES + 1):
            # Nothing is stale here, or refreshing it would take many times as long.
            await pool.execute("select logic.refresh_columns($1)", practice)
        await execute(pool, "postgraphile")
        await pool.execute("vacuum analyze")
        if await pool.fetchval("select count(*) from pg_index where not indisvalid"):
            raise BenchError(f"an index of {name} is invalid")
    await databases.administer("checkpoint")


async def make_more_blocks(databases: Databases, blocks: int) -> None:
    """Make MORE_BLOCKS: READ with ``blocks`` more numbers on the blocklists."""
    async with databases.new_template(MORE_BLOCKS, READ, triggers=False) as pool:
        await pool.execute("select bench.fill_more_blocks($1, $2)", PRACTICES, blocks)
        await pool.execute("vacuum analyze")
    await databases.administer("checkpoint")


async def make_tokens(pool: Pool) -> dict[int, str]:
    """Create a receptionist's token for each practice; return them by its id."""
    return {
        practice: await create_token(pool, practice, "Bench", Role.RECEPTIONIST)
        for practice in range(1, PRACTICES + 1)
    }
