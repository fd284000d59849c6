"""Reading the gateway's messages and the database's rows into a record, once all is over."""

import re
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from db.types import Pool, Row
from tests.torture.checker import Findings
from tests.torture.record import Attempt, Handed, Record

ATTEMPT = re.compile(r"attempt (\d+)\.(\d+)")


async def gather(
    pool: Pool, gateway: aiohttp.ClientSession, network_log: Path, record: Record
) -> None:
    """Add to the record the gateway's messages, and the tables' blocks, runs and attempts."""
    passed = passed_on(network_log)
    async with gateway.get("/messages", raise_for_status=True) as answer:
        messages = await answer.json()
    for message in messages:
        practice, _, reference = message["reference"].partition(".")
        time = datetime.fromisoformat(message["time"]).timestamp()
        record.handed.append(
            Handed(
                sid=message["sid"],
                practice=int(practice),
                reference=reference,
                time=passed.get(message["reference"], time),
                stored=time,
                to=message["to"],
                body=message["body"],
            )
        )
    blocked = "select practice_id, mobile from blocked_communications where blocked_recalls"
    record.blocked = {(row["practice_id"], row["mobile"]) for row in await pool.fetch(blocked)}
    for row in await pool.fetch("select practice_id, id, state from runs"):
        record.runs[row["practice_id"], row["id"]] = row["state"]
    recalls: dict[tuple[int, int], list[tuple[int, int | None]]] = {}
    for row in await pool.fetch(
        "select practice_id, attempt_id, recall_id, step from attempt_recalls"
    ):
        pairs = recalls.setdefault((row["practice_id"], row["attempt_id"]), [])
        pairs.append((row["recall_id"], row["step"]))
    attempts = await pool.fetch(
        """
        select practice_id, id, run_id, state, reference, refusal_reason, gateway_id, mobile, body,
               coalesce(extract(epoch from handed_over_at), 0)::float as claimed
        from contact_attempts
        """
    )
    for row in attempts:
        record.attempts.append(
            Attempt(
                practice=row["practice_id"],
                id=row["id"],
                run=row["run_id"],
                state=row["state"],
                reference=str(row["reference"]),
                recalls=tuple(recalls.get((row["practice_id"], row["id"]), ())),
                refusal=row["refusal_reason"],
                gateway_id=row["gateway_id"],
                claimed=row["claimed"],
                mobile=row["mobile"],
                body=row["body"],
            )
        )


def passed_on(network_log: Path) -> dict[str, float]:
    """Return when the network last had each message, by its reference."""
    words = (line.split() for line in network_log.read_text().splitlines())
    return {line[1]: float(line[2]) for line in words if line[:1] == ["passing"]}


async def histories(pool: Pool, record: Record, findings: Findings) -> list[str]:
    """Return the history of each attempt found, by ids and times alone."""
    found = "\n".join(offender for offenders in findings.values() for offender in offenders)
    lines = []
    for practice, attempt in sorted({(int(p), int(a)) for p, a in ATTEMPT.findall(found)}):
        steps = await pool.fetch(
            "select at, before, after, functions, application from torture.steps"
            " where kind = 'contact_attempts' and practice_id = $1 and id = $2 order by at",
            practice,
            attempt,
        )
        events = [(row["at"].timestamp(), _told(row)) for row in steps]
        reference = await pool.fetchval(
            "select reference from contact_attempts where practice_id = $1 and id = $2",
            practice,
            attempt,
        )
        for message in record.handed:
            if (message.practice, message.reference) == (practice, str(reference)):
                events.append((message.stored, f"taken by the gateway as {message.sid}"))
        lines += [f"attempt {practice}.{attempt}, {reference}"]
        lines += [
            f"  {datetime.fromtimestamp(at, UTC).time()} {what}" for at, what in sorted(events)
        ]
    return lines


def _told(step: Row) -> str:
    functions = ", ".join(step["functions"])
    return f"{step['before']} -> {step['after']} by {step['application']} ({functions})"


async def names(pool: Pool) -> set[str]:
    """Return all patients' first and last names."""
    rows = await pool.fetch("select first_name, last_name from patients")
    return {name for row in rows for name in row}
