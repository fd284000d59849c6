"""The practice whose list is browsed: one large practice, its recalls all open."""

from bench.browsing.sizes import BrowseSizes
from bench.data import execute
from bench.databases import Databases

BROWSED = "browsed"
PRACTICE = 1


async def make_practice(databases: Databases, sizes: BrowseSizes) -> None:
    """Make the template BROWSED, as ``bench.reading.data`` does, with one practice."""
    async with databases.new_template(BROWSED, triggers=False) as pool:
        await execute(pool, "reading")
        await pool.execute("select bench.fill_practices($1)", 1)
        # Staff are asked before every send, because this PMS doesn't share consent.
        await pool.execute("update practices set pms_product = 'BEST_PRACTICE'")
        await pool.execute("select bench.fill_patients($1, $2)", 1, sizes.patients)
        await pool.execute("vacuum analyze patients")
        await pool.execute("select bench.fill_blocks($1)", sizes.blocks)
        await pool.execute(
            "select bench.fill_recalls($1, $2, $3)", 1, sizes.patients, sizes.recalls
        )
        # The PMS has completed none of them, so that they are all to be worked through.
        await pool.execute("update recalls set completed = false")
        # The rows brought their ids along.
        await pool.execute(
            "select setval(pg_get_serial_sequence('recalls', 'id'), max(id)) from recalls"
        )
        await pool.execute("vacuum analyze recalls")
        await pool.execute("select logic.refresh_columns($1)", PRACTICE)
        await pool.execute("vacuum analyze")
    await databases.administer("checkpoint")
