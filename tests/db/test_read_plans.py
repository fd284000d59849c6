"""Tests that no hot read loses its index, not even to a plan from when the tables were empty."""

import json

import pytest

from db.types import Pool
from dev.servers.running import ServerUrls
from tests.support.databases import a_migrated_database
from tests.support.read_plans import HOT, ROWS, Plan, explaining, nodes, rows_read
from tests.support.servers import administer

EMPTY_AT_FIRST, ANALYZED = "planned on empty tables", "planned on analyzed tables"


@pytest.fixture(scope="module")
async def plans(servers: ServerUrls) -> dict[str, dict[str, Plan]]:
    """The plans of all hot reads, by when they were made and by the read's name."""
    made: dict[str, dict[str, Plan]] = {}
    async with a_migrated_database(servers) as url:
        async with explaining(url) as reader:
            for hot in HOT.values():
                await reader.plan_of(hot.read)
            await administer(url, ROWS)
            made[EMPTY_AT_FIRST] = {
                name: await reader.plan_of(hot.read) for name, hot in HOT.items()
            }
        await administer(url, "vacuum analyze")
        async with explaining(url) as reader:
            made[ANALYZED] = {name: await reader.plan_of(hot.read) for name, hot in HOT.items()}
    return made


@pytest.mark.takes_long("fills and analyzes a database for all of the file")
@pytest.mark.parametrize("made", [EMPTY_AT_FIRST, ANALYZED])
@pytest.mark.parametrize("name", HOT)
async def test_a_hot_read_uses_its_index(
    plans: dict[str, dict[str, Plan]], made: str, name: str
) -> None:
    # given
    hot, plan = HOT[name], plans[made][name]

    # when
    kinds = {node["Node Type"] for node in nodes(plan)}
    indexes = {node["Index Name"] for node in nodes(plan) if "Index Name" in node}

    # then
    assert indexes >= set(hot.indexes)
    assert "Seq Scan" not in kinds
    assert hot.sorts or not kinds & {"Sort", "Incremental Sort"}


async def test_names_are_searched_in_the_index_of_words(pool: Pool) -> None:
    # given the function's own statement, which no plan of its callers shows
    body = await pool.fetchval("select prosrc from pg_proc where proname = 'patients_named'")
    statement = body.replace("@@ words", "@@ '''1:ann'':*'::tsquery")
    async with pool.acquire() as connection:
        await connection.execute("set enable_seqscan = off")
        # when
        plan = json.loads(await connection.fetchval(f"explain (format json) {statement}"))
    # then
    [indexes] = [
        {node["Index Name"] for node in nodes(found["Plan"]) if "Index Name" in node}
        for found in plan
    ]
    assert indexes == {"patients_name_words"}


@pytest.mark.parametrize("made", [EMPTY_AT_FIRST, ANALYZED])
@pytest.mark.parametrize("name", HOT)
async def test_a_hot_read_reads_little_more_than_it_returns(
    plans: dict[str, dict[str, Plan]], made: str, name: str
) -> None:
    # when / then
    assert rows_read(plans[made][name]) <= HOT[name].most_rows
