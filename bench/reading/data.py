"""The databases whose lists are read: made once, and never written to while it is measured."""

from bench.data import execute
from bench.databases import EMPTY, Databases
from bench.reading.sizes import Lists
from db.rows import Pool
from db.tokens import Role, create_token

PRACTICES = 20
READ = "read"
"""The database that nearly all is measured on; also the template of MORE_BLOCKS."""
MORE_BLOCKS = "more_blocks"
LARGE = "large"


async def make_lists(databases: Databases, name: str, lists: Lists) -> None:
    """Make a database of 20 practices with so many patients, recalls and blocks."""
    async with (
        databases.new_template(name, EMPTY) as pool,
        pool.acquire() as connection,
    ):
        run = connection.execute
        await execute(connection, "reading")
        await run("set session_replication_role = replica")  # no trigger for each row
        await run("select bench.put_off_indexes('patients'), bench.put_off_indexes('recalls')")
        await run("select bench.fill_practices($1)", PRACTICES)
        await run("select bench.fill_patients($1, $2)", PRACTICES, lists.patients)
        await run("vacuum (full, analyze) patients")
        await run("select bench.fill_blocks($1)", lists.blocks)
        await run("select bench.fill_recalls($1, $2, $3)", PRACTICES, lists.patients, lists.recalls)
        await run("vacuum analyze")
        for practice in range(1, PRACTICES + 1):
            await run("select logic.store_facts($1)", practice)
        await run("vacuum (full, analyze) recalls")
        await execute(connection, "postgraphile")
    await databases.administer("checkpoint")


async def make_more_blocks(databases: Databases, blocks: int) -> None:
    """Make MORE_BLOCKS: READ with so many more numbers on the lists of blocked communication."""
    async with databases.new_template(MORE_BLOCKS, READ) as pool:
        await pool.execute("select bench.fill_more_blocks($1, $2)", PRACTICES, blocks)
        await pool.execute("vacuum analyze")
    await databases.administer("checkpoint")


async def make_tokens(pool: Pool) -> dict[int, str]:
    """Make a receptionist's token for each practice."""
    return {
        practice: await create_token(pool, practice, "Bench", Role.RECEPTIONIST)
        for practice in range(1, PRACTICES + 1)
    }
