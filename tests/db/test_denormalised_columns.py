"""Tests that the denormalised columns equal the facts they copy, whatever is written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.identity import Actor
from db.blocklist import remove_blocked
from db.categories import InvalidCategoryError
from db.migrate import migrate
from db.recall_filter import RecallQuery
from db.recalls import count_recalls
from db.types import Pool
from dev.servers.running import ServerUrls
from tests.support.databases import a_database
from tests.support.practice import Practice, a_mobile
from tests.support.releases import another_release
from tests.support.servers import administer

STALE = """
  select r.id from recalls r
  left join logic.recall_status s on s.practice_id = r.practice_id and s.recall_id = r.id
  where (r.sms_reason, r.category_id) is distinct from (s.sms_reason, s.category_id)
"""
"""The recalls whose denormalised columns differ from the status that sending judges by."""

NUMBERS = [None, "0491 570 006", "0491 570 156", "1"]
E164 = ["+61491570006", "+61491570156"]
REASONS = ["Skin check", "SKIN CHECK", "Mole", "Blood test"]
URGENCIES = [None, "Urgent", "routine"]
some = st.sampled_from

patients = st.fixed_dictionaries(
    {
        "pms_id": some(["p1", "p2", "p3"]),
        "mobile": some(NUMBERS),
        "sms_consent": some([None, True, False]),
        "status": some(["ACTIVE", "ACTIVE", "INACTIVE", "DECEASED"]),
    }
)
recalls = st.fixed_dictionaries(
    {
        "pms_id": some(["r1", "r2", "r3"]),
        "patient": some(["p1", "p2", "p3"]),
        "reason": some(REASONS),
        "urgency": some(URGENCIES),
    }
)
categories = st.fixed_dictionaries(
    {
        "name": some(["Skin checks", "Moles", "Urgent ones"]),
        "reasons": st.lists(some(REASONS), max_size=2),
        "urgencies": st.lists(some(["urgent", "ROUTINE"]), max_size=2),
        "steps": some([["SMS", "LETTER"], ["SMS", "PHONE"], ["SMS"]]),
    }
)
steps = st.one_of(
    patients.map(lambda facts: ("patient", facts)),
    recalls.map(lambda facts: ("recall", facts)),
    categories.map(lambda facts: ("category", facts)),
    some(E164).map(lambda mobile: ("block", mobile)),
    some(E164).map(lambda mobile: ("unblock", mobile)),
    some(E164).map(lambda mobile: ("remove", mobile)),
    some(["GENIE", "BEST_PRACTICE"]).map(lambda product: ("product", product)),
)


async def take(practice: Practice, step: str, value: Any) -> None:
    """Take one of the steps that change the facts the columns copy."""
    match step:
        case "patient":
            await practice.patient(**value)
        case "recall":
            await practice.recall(**value)
        case "category":
            known = await practice.pool.fetchval(
                "select id from categories where practice_id = $1 and name = $2",
                practice.id,
                value["name"],
            )
            with suppress(InvalidCategoryError):  # the link is another category's: nothing changes
                await practice.category(category_id=known, **value)
        case "block":
            await practice.block(value)
        case "unblock":
            await practice.unblock(value)
        case "remove":
            await remove_blocked(practice.pool, practice.id, value, actor=Actor("Reception"))
        case "product":
            await practice.pool.execute(
                "update practices set pms_product = $2 where id = $1", practice.id, value
            )


@settings(max_examples=25)
@given(taken=st.lists(steps, min_size=1, max_size=12))
async def test_whatever_happens_the_columns_equal_the_status_that_sending_judges_by(
    practice: Practice, taken: list[tuple[str, Any]]
) -> None:
    # given
    for number in (1, 2, 3):
        await practice.patient(f"p{number}")
        await practice.recall(f"p{number}", pms_id=f"r{number}")

    # when
    for step, value in taken:
        await take(practice, step, value)

        # then
        assert await practice.pool.fetch(STALE) == [], step

    # and so each tab counts the recalls that sending finds in it
    rows = await practice.pool.fetch("select tab, count(*) from logic.recall_status group by tab")
    for tab in ("TO_ACTION", "CALLS", "LETTERS"):
        in_tab = await count_recalls(practice.pool, practice.id, RecallQuery(tab=tab))
        assert in_tab == sum(row["count"] for row in rows if row["tab"] == tab)


@pytest.fixture
async def kept(practice: Practice) -> Practice:
    """A practice with a recall 'r' for patient 'p'."""
    await practice.patient("p")
    await practice.recall("p", pms_id="r")
    return practice


async def copies(pool: Pool, pms_id: str = "r") -> tuple[str | None, str | None]:
    """Return the recall's reason against an SMS and its category's name, as stored."""
    row = await pool.fetchrow(
        """
        select r.sms_reason, c.name from recalls r
        left join categories c on c.practice_id = r.practice_id and c.id = r.category_id
        where r.pms_id = $1
        """,
        pms_id,
    )
    assert row is not None
    return row["sms_reason"], row["name"]


@pytest.mark.parametrize(
    ("statement", "reason", "category"),
    [
        ("update patients set status = 'DECEASED'", "PATIENT_DECEASED", "Skin checks"),
        ("update practices set pms_product = 'BEST_PRACTICE'", "PMS_CONSENT_UNREADABLE",
         "Skin checks"),
        ("insert into blocked_communications (practice_id, mobile, blocked_recalls)"
         " select practice_id, mobile, true from patients", "BLOCKED_COMMUNICATION", "Skin checks"),
        ("delete from category_links", None, None),
        ("update category_links set value = 'Mole'", None, None),
        ("update recalls set reason = 'Mole'", None, None),
    ],
)  # fmt: skip
async def test_writes_that_bypass_the_product_are_followed_too(
    kept: Practice, statement: str, reason: str | None, category: str | None
) -> None:
    # given
    assert await copies(kept.pool) == (None, "Skin checks")

    # when
    await kept.pool.execute(statement)

    # then
    assert await copies(kept.pool) == (reason, category)


async def test_moving_a_listing_to_another_number_frees_the_first(kept: Practice) -> None:
    # given
    other = a_mobile()
    await kept.patient("q", mobile=other)
    await kept.recall("q", pms_id="s")
    await kept.block()

    # when
    await kept.pool.execute("update blocked_communications set mobile = $1", other)

    # then
    reasons = [(await copies(kept.pool, pms_id))[0] for pms_id in ("r", "s")]
    assert reasons == [None, "BLOCKED_COMMUNICATION"]


async def versions(pool: Pool) -> list[asyncpg.Record]:
    """Return where each recall's row lies: writing a row moves it."""
    return list(await pool.fetch("select id, ctid::text from recalls order by id"))


async def test_planning_and_delivering_write_no_recall(kept: Practice) -> None:
    # given
    before = await versions(kept.pool)

    # when
    await kept.automate()
    await kept.deliver()

    # then
    assert await versions(kept.pool) == before


async def test_changes_without_effect_write_no_recall(kept: Practice) -> None:
    # given
    [category] = await kept.pool.fetch("select id from categories")
    before = await versions(kept.pool)

    # when
    await kept.patient("p", first_name="Anne")
    await kept.category(category_id=category["id"], sms_template="Hi {firstName}")
    await kept.block(a_mobile())

    # then
    assert await versions(kept.pool) == before


@pytest.fixture
async def older_url(servers: ServerUrls) -> AsyncIterator[str]:
    """A database from the release before the columns, with a recall for somebody who has died."""
    async with a_database(servers) as url:
        await asyncio.to_thread(migrate, url, "0002")
        await administer(url, OLDER_ROWS)
        yield url


OLDER_ROWS = """
  insert into practices (name, time_zone, phone_region, pms_product, phone, next_run_at)
    values ('Harbour Medical', 'Australia/Sydney', 'AU', 'GENIE', '02 5550 1234', now());
  insert into patients (practice_id, pms_id, first_name, last_name, mobile, mobile_typed, status)
    select id, 'p', 'Ann', 'O''Brien', '+61491570006', '0491570006', 'DECEASED' from practices;
  insert into categories (practice_id, name, sms_template, automated, steps)
    select id, 'Skin checks', 'Hi', true, array['SMS'] from practices;
  insert into category_links (practice_id, category_id, kind, value, position)
    select practice_id, id, 'REASON', 'Skin check', 1 from categories;
  insert into recalls (practice_id, pms_id, patient_id, reason, due_date, completed)
    select practice_id, 'r', id, 'skin CHECK', current_date, false from patients;
  -- As in that release, whose views read what the migration changes.
  create schema logic;
  create view logic.patient_sms as select practice_id, id, mobile from patients;
"""


@pytest.mark.usefixtures("alone")
async def test_an_upgrade_fills_the_columns_of_existing_recalls(older_url: str) -> None:
    # when
    await asyncio.to_thread(migrate, older_url)

    # then
    pool = await asyncpg.create_pool(older_url, min_size=1)
    assert await copies(pool) == ("PATIENT_DECEASED", "Skin checks")
    assert (
        await pool.fetchval("select count(*) from patients where name_words @@ '''1:brien'''") == 1
    )
    await pool.close()


@pytest.mark.usefixtures("alone")
async def test_functions_that_no_column_depends_on_are_loaded_without_reading_a_recall(
    older_url: str, tmp_path: Path
) -> None:
    # given
    await asyncio.to_thread(migrate, older_url)
    pool = await asyncpg.create_pool(older_url, min_size=1)
    await pool.execute("update recalls set sms_reason = 'PATIENT_INACTIVE', category_id = null")

    # when
    await asyncio.to_thread(migrate, older_url, functions=another_release(tmp_path, 1))

    # then
    assert await copies(pool) == ("PATIENT_INACTIVE", None)
    await pool.close()


@pytest.mark.usefixtures("alone")
async def test_new_functions_correct_the_columns_stored_by_earlier_ones(
    older_url: str, tmp_path: Path
) -> None:
    # given
    await asyncio.to_thread(migrate, older_url)
    pool = await asyncpg.create_pool(older_url, min_size=1)
    await pool.execute("update recalls set sms_reason = 'PATIENT_INACTIVE', category_id = null")

    # when
    await asyncio.to_thread(
        migrate, older_url, functions=another_release(tmp_path, 1, fills_columns=True)
    )

    # then
    assert await copies(pool) == ("PATIENT_DECEASED", "Skin checks")
    await pool.close()
