"""A noisy neighbour: a practice of 30,000 recalls asks for all the dearest that its budget allows.

The figure is the p99 of another practice's pages of 20 meanwhile, over the p99 while nobody else
asks. The pages are asked for 20 times a second, however long the last one took, and timed from when
each was due until its answer. Quiet and noisy stretches alternate, 20 seconds of each in a round.

The API runs as in production, with the default limits (``RECALLS_RATE``, the shares, the slots),
and trusts the documents. Four admins and a connector use the limits up: pages of 100 deep in the
list with nested lists, searches, counts of all tabs, previews, exports, and syncs of 1,000 patients
(``bench.many.noisy``). The asker has the lowest priority, but it shares the cores with the API and
PostgreSQL, which a client elsewhere wouldn't.
"""

import asyncio
import json
import secrets
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from api.documents import sha256
from bench.client import BLOCKED_PAGE, Client
from bench.data import execute, fill, make_practice
from bench.databases import Databases
from bench.many.data import first_mobile_of
from bench.many.figures import WRONG, Figure
from bench.many.noisy import DOCUMENTS, Facts
from bench.many.service import Service, service
from bench.peers.page import cursor
from bench.reading.servers import GATEWAY_URL, RECEIPTS_URL
from bench.report import percentile
from core.identity import Role
from db.tokens import create_token
from db.types import one

TEMPLATE = "neighbour"
NOISY, OTHER = 1, 2
RECALLS, OTHER_RECALLS, EVENTS = 30_000, 3_000, 50_000
STAFF = 4
STRETCH, STRETCHES = 10.0, 2
"""Seconds of each stretch, and how often quiet and noise alternate in a round."""
EACH = 0.05
"""Seconds from one page to the next."""
WARM_UP = 3.0
AT_MOST = 3.0
_EVENTS = """
  insert into audit_events (practice_id, actor, role, action, subject)
  select $1, 'Reception', 'RECEPTIONIST', 'BLOCK_CHANGED', 'note ' || n
  from generate_series(1, $2::integer) n
"""
_SYNCED = """
  insert into patients (practice_id, pms_id, first_name, last_name, status)
  select $1, 'Synced ' || n, 'Ann', 'Smith', 'ACTIVE' from generate_series(0, 999) n
"""
_DEEP = """
  select due_date, id from recalls where practice_id = $1 order by due_date, id offset $2 limit 1
"""


async def prepare(databases: Databases) -> None:
    """Make the template."""
    async with databases.new_template(TEMPLATE, triggers=False) as pool:
        await execute(pool, "data")
        for number, recalls in ((NOISY, RECALLS), (OTHER, OTHER_RECALLS)):
            name = f"Practice {number}"
            practice = await make_practice(pool, name, recalls, first_mobile_of(number))
            await fill(pool, practice, "Blood test", first_mobile_of(number + 10), recalls // 10)
        await pool.execute(_EVENTS, NOISY, EVENTS)
        await pool.execute(_SYNCED, NOISY)
        await pool.execute("vacuum analyze", timeout=600)
    await databases.administer("checkpoint")


@dataclass(slots=True)
class Pages:
    """How long pages took, in milliseconds; those that failed are counted."""

    took: list[float] = field(default_factory=list)
    failed: int = 0

    async def read(self, staff: Client, seconds: float) -> None:
        """Read pages for so many seconds, each when it is due."""
        clock = asyncio.get_running_loop().time
        begin = clock()
        async with asyncio.TaskGroup() as reading:
            for n in range(round(seconds / EACH)):
                due = begin + n * EACH
                await asyncio.sleep(max(0.0, due - clock()))
                reading.create_task(self._one(staff, due))

    async def _one(self, staff: Client, due: float) -> None:
        try:
            await staff.read_blocked()
        except WRONG:
            self.failed += 1
        else:
            self.took.append((asyncio.get_running_loop().time() - due) * 1000)


async def measure(databases: Databases, gateway_program: Path) -> list[Figure]:
    """Measure one round."""
    settings = _as_in_production(databases.directory)
    async with service(databases, TEMPLATE, gateway_program, **settings) as running:
        facts = databases.directory / "noisy.json"
        facts.write_text(json.dumps(asdict(await _facts(running))))
        staff = await running.staff(OTHER)
        await Pages().read(staff, WARM_UP)
        quiet, noisy = Pages(), Pages()
        for _ in range(STRETCHES):
            await quiet.read(staff, STRETCH)
            await _noisy(facts, noisy, staff)
            await asyncio.sleep(2)  # what it began ends
    return [_figure(quiet, noisy)]


def _as_in_production(directory: Path) -> dict[str, str]:
    """Return the settings, with a manifest of the documents that are asked for here."""
    manifest = directory / "documents.json"
    manifest.write_text(json.dumps({sha256(text): text for text in (*DOCUMENTS, BLOCKED_PAGE)}))
    return {
        "RECALLS_ENVIRONMENT": "production",
        "RECALLS_RATE": "50",
        "RECALLS_TRUSTED_DOCUMENTS": str(manifest),
        "RECALLS_OTHER_DOCUMENTS": "refuse",
        "RECALLS_TRUSTED_PROXIES": "none",
        "RECALLS_GATEWAY_URL": GATEWAY_URL,
        "RECALLS_GATEWAY_TOKEN": secrets.token_hex(16),
        "RECALLS_RECEIPTS_URL": RECEIPTS_URL,
    }


async def _facts(running: Service) -> Facts:
    pool = running.pool
    recalls = await pool.fetch(
        "select id from recalls where practice_id = $1 order by id limit 1000", NOISY
    )
    deep = one(await pool.fetchrow(_DEEP, NOISY, RECALLS * 9 // 10))
    async with running.http.get("/healthz") as answer:
        port = answer.url.port
    return Facts(
        port=port or 0,
        staff=[await create_token(pool, NOISY, f"Staff {n}", Role.ADMIN) for n in range(STAFF)],
        connector=await create_token(pool, NOISY, "Connector", Role.CONNECTOR),
        recalls=[f"Recall:{row['id']}" for row in recalls],
        cursor=cursor(deep["due_date"], deep["id"]),
    )


async def _noisy(facts: Path, pages: Pages, staff: Client) -> None:
    """Read pages while the other practice is noisy."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.many.noisy", str(facts)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await asyncio.sleep(1)  # it starts
        await pages.read(staff, STRETCH)
    finally:
        told, _ = await process.communicate(b"")
    click.echo(f"  answered: {told.decode().strip()}", err=True)


def _figure(quiet: Pages, noisy: Pages) -> Figure:
    what = "a page's p99 while another practice is noisy ÷ while it is quiet"
    goal = f"≤ {AT_MOST:g}"
    if not quiet.took or not noisy.took:
        return Figure(what, float("inf"), "nobody was answered", goal, met=False)
    after, before = percentile(noisy.took, 99), percentile(quiet.took, 99)
    shown = f"{after / before:.1f} ({after:.1f} ms ÷ {before:.1f} ms)"
    failed = quiet.failed + noisy.failed
    if failed:
        shown += f", {failed} failed"
    return Figure(what, after / before, shown, goal, met=after / before <= AT_MOST and not failed)
