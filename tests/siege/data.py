"""The besieged database's data: a practice that is attacked from within, and another one."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import timedelta

from core.identity import Actor, Role
from db.blocklist import block_mobile, set_blocked_recalls
from db.sending import RunAccepted
from db.sync import PatientRow, RecallRow, sync_patients, sync_recalls
from db.tokens import store_token
from db.types import Pool
from tests.siege.facts import Facts, Side
from tests.support.practice import Practice, a_practice

ATTACKED, OTHER = 3_000, 2_000
"""Patients in each practice with a number of their own."""
CROWDS = (60, 80, 200)
"""Patients on each shared number: practices type one number for patients who have none."""
CHUNK = 1_000
KNOWN = 60
EVENTS = 20_000
"""In the attacked practice's audit trail."""
ATTEMPTS = 300
FILL_TRAIL = """
  insert into audit_events (practice_id, actor, role, origin, action, subject)
  select $1, 'Reception', 'RECEPTIONIST', '203.0.113.7', 'BLOCK_CHANGED', 'note ' || n
  from generate_series(1, $2) n
"""


async def besieged(pool: Pool) -> Facts:
    """Fill the database; return the facts about it, except where it is served."""
    attacked, other = await a_practice(pool), await a_practice(pool, name="Hill Medical")
    sides = [
        await _side(pool, attacked, "+614910", ATTACKED),
        await _side(pool, other, "+614920", OTHER),
    ]
    crowds = {}
    for n, size in enumerate(CROWDS):
        mobile = f"+61493000{n:03d}"
        await _take_in(attacked, f"crowd {n} ", [mobile] * size)
        crowds[str(size)] = mobile
    busy = await attacked.recall()
    for _ in range(ATTEMPTS):
        await attacked.contact(busy, "PHONE")
    mobile = sides[0].mobiles[-1]
    await block_mobile(pool, attacked.id, mobile, blocked=True, note=None, actor=Actor("Desk"))
    for n in range(ATTEMPTS):
        blocked = bool(n % 2)
        await set_blocked_recalls(pool, attacked.id, mobile, blocked=blocked, actor=Actor("Desk"))
    sent = [int(each.partition(":")[2]) for each in sides[0].recalls[-500:]]
    run = await attacked.send(*sent, proceed=True)
    assert isinstance(run, RunAccepted)
    await pool.execute(FILL_TRAIL, attacked.id, EVENTS)
    await pool.execute("vacuum analyze", timeout=600)
    return Facts(
        port=0,
        gateway_token="",
        issuer="",
        attacked=sides[0],
        other=sides[1],
        crowds=crowds,
        busy_recall=f"Recall:{busy}",
        busy_mobile=mobile,
        run=f"Run:{run.run_id}",
    )


async def _side(pool: Pool, practice: Practice, prefix: str, patients: int) -> Side:
    mobiles = [f"{prefix}{n:05d}" for n in range(patients)]
    await _take_in(practice, "", mobiles)
    rows = await pool.fetch(
        "select id from recalls where practice_id = $1 order by id", practice.id
    )
    by_role = {role: await _token(pool, practice, f"A {role}", role) for role in Role}
    known = [
        await _token(pool, practice, f"Reception {n}", Role.RECEPTIONIST) for n in range(KNOWN)
    ]
    return Side(
        practice=practice.id,
        admin=by_role[Role.ADMIN],
        receptionist=by_role[Role.RECEPTIONIST],
        connector=by_role[Role.CONNECTOR],
        recalls=[f"Recall:{row['id']}" for row in rows],
        mobiles=mobiles,
        known=known,
    )


async def _token(pool: Pool, practice: Practice, name: str, role: Role) -> str:
    """Return a new token's secret, always the same one, so that kept requests can be sent again."""
    digest = hashlib.sha256(f"{practice.id} {name}".encode()).digest()
    secret = f"recalls_{practice.id}_{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
    await store_token(pool, practice.id, secret, name=name, role=role, by=Actor("Siege"))
    return secret


async def _take_in(practice: Practice, name: str, mobiles: Sequence[str]) -> None:
    """Sync a patient on each number, each with a skin check that is due."""
    for begin in range(0, len(mobiles), CHUNK):
        chunk = list(enumerate(mobiles))[begin : begin + CHUNK]
        patients = [
            PatientRow(f"p {name}{n}", f"Ann{n % 97}", f"Smith{n}", mobile=mobile)
            for n, mobile in chunk
        ]
        await sync_patients(practice.pool, practice.id, patients)
        due = practice.today - timedelta(days=3)
        recalls = [
            RecallRow(f"r {name}{n}", f"p {name}{n}", reason="Skin check", due_date=due)
            for n, _ in chunk
        ]
        await sync_recalls(practice.pool, practice.id, recalls)
