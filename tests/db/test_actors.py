"""Tests that the tables accept an actor only in combinations that mean something."""

import asyncpg
import pytest

from tests.support.practice import Practice

TABLES = {
    "audit_events": ("action", "'SIGNED_IN'"),
    "block_events": (
        "mobile, source, listed, blocked_recalls",
        "'+61491570006', 'STAFF', true, true",
    ),
    "runs": ("trigger, state, idempotency_key, arguments_hash", "'MANUAL', 'SENDING', 'k', ''"),
}
"""The other columns that each needs."""


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("kind", "key"), [("TOKEN", 7), ("PERSON", 3), ("HOST", None), ("PATIENT", None), (None, None)]
)
async def test_a_consistent_actor_is_kept(
    practice: Practice, table: str, kind: str | None, key: int | None
) -> None:
    # when
    columns, values = TABLES[table]
    await practice.pool.execute(
        f"insert into {table} (practice_id, actor, actor_kind, actor_id, {columns})"  # noqa: S608
        f" values ($1, 'Kim', $2, $3, {values})",
        practice.id,
        kind,
        key,
    )
    # then
    found = await practice.pool.fetchrow(
        f"select actor_kind, actor_id from {table} order by id desc limit 1"  # noqa: S608
    )
    assert found is not None
    assert tuple(found) == (kind, key)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("kind", "key"), [("TOKEN", None), ("PERSON", None), ("HOST", 1), (None, 1), ("ROBOT", None)]
)
async def test_an_inconsistent_actor_is_rejected(
    practice: Practice, table: str, kind: str | None, key: int | None
) -> None:
    # when
    columns, values = TABLES[table]
    with pytest.raises(asyncpg.CheckViolationError, match=r"actor_(kind|id)_check"):
        await practice.pool.execute(
            f"insert into {table} (practice_id, actor, actor_kind, actor_id, {columns})"  # noqa: S608
            f" values ($1, 'Kim', $2, $3, {values})",
            practice.id,
            kind,
            key,
        )
