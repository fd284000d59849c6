"""Attacks by a practice's staff, with only trusted documents and within their budget."""

import asyncio
import json
from itertools import count
from typing import Any

from tests.siege.attack import BURST, ELSEWHERE, RATE, Fight, attack
from tests.siege.facts import SYNC_PATIENTS
from tests.siege.wire import KEPT, Line, bearer, http, operation, read_frame, said, upgrade

MAX_NAME_CHARACTERS = 500
CONNECTIONS, OPERATIONS = 20, 20
"""WebSockets of one token, and operations on each."""


def rows(name: str, many: int = 1_000) -> list[dict[str, Any]]:
    """Return the practice's patients as they are, except for their first names."""
    return [
        {"pmsId": f"p {n}", "firstName": name, "lastName": f"Smith{n}", "mobile": f"+614910{n:05d}"}
        for n in range(many)
    ]


@attack()
async def previews(fight: Fight) -> None:
    """Previews of sending 1,000 recalls, as often as one receptionist may ask."""
    ids = fight.facts.attacked.recalls[:1_000]
    asked = operation(
        fight.facts.attacked.receptionist, fight.documents["SendPreview"], {"recallIds": ids}
    )
    await fight.flood(lambda _: asked, burst=BURST, lines=100)


@attack()
async def run_previews(fight: Fight) -> None:
    """Previews of a run for all patients, as often as one receptionist may ask."""
    asked = operation(fight.facts.attacked.receptionist, fight.documents["AutomatedRunPreview"])
    await fight.flood(lambda _: asked, burst=BURST, lines=100)


@attack()
async def sends(fight: Fight) -> None:
    """Sends of 1,000 recalls, as often as one receptionist may ask."""
    ids = fight.facts.attacked.recalls[:1_000]

    def asked(n: int) -> bytes:
        given = {"recallIds": ids, "proceedWithoutConsent": True, "idempotencyKey": f"{n}"}
        return operation(
            fight.facts.attacked.receptionist, fight.documents["SendRecalls"], {"input": given}
        )

    await fight.flood(asked, burst=BURST, lines=50)


@attack()
async def syncs(fight: Fight) -> None:
    """Changes of 1,000 patients, as often as one connector may ask."""
    asked = [
        operation(fight.facts.attacked.connector, SYNC_PATIENTS, {"input": rows(f"Bea{n}")})
        for n in range(4)
    ]
    await fight.flood(lambda n: asked[n % 4], burst=BURST, lines=50)


@attack()
async def large_syncs(fight: Fight) -> None:
    """Syncs of 6 MB, 25 MB a second, with names of the greatest allowed length."""
    long = "\N{LATIN SMALL LETTER E WITH ACUTE}" * MAX_NAME_CHARACTERS
    named = [row | {"lastName": long} for row in rows(long)]
    asked = operation(fight.facts.attacked.connector, SYNC_PATIENTS, {"input": named})
    assert 6_000_000 < len(asked) < 8_000_000, len(asked)
    await fight.flood(lambda _: asked, rate=4, lines=8)


@attack()
async def slow_bodies(fight: Fight) -> None:
    """300 bodies sent a byte at a time, twice a second."""
    head = http("POST", "/graphql", b" ", bearer(fight.facts.attacked.receptionist))
    head = head.replace(b"Content-Length: 1\r\n", b"Content-Length: 900000\r\n")

    async def slow(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            reader, writer = await line.open()
            fight.answers["begun"] += 1
            writer.write(head)
            answer = asyncio.ensure_future(reader.read(KEPT))
            while not answer.done():
                writer.write(b" ")
                await asyncio.wait({answer}, timeout=0.5)
            fight.answers[answer.result()[9:12].decode() or "cut"] += 1
        finally:
            line.close()

    await fight.each(300, slow)


@attack()
async def audit_exports(fight: Fight) -> None:
    """Exports of the whole audit trail, as often as one admin may ask."""
    asked = http("POST", "/exports/audit", b"{}", bearer(fight.facts.attacked.admin))
    await fight.flood(lambda _: asked, burst=BURST, lines=50)


@attack()
async def subscriptions(fight: Fight) -> None:
    """400 subscriptions of one receptionist, with changes all the time."""
    side, watched = fight.facts.attacked, {"id": fight.facts.run}
    asked = [
        {"query": fight.documents["RunProgress"], "variables": watched},
        {"query": fight.documents["Changes"]},
    ]

    async def watch(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            reader, writer = await line.open()
            writer.write(upgrade())
            await reader.readuntil(b"\r\n\r\n")
            greeting = {"authorization": f"Bearer {side.receptionist}"}
            writer.write(said(type="connection_init", payload=greeting))
            for n in range(OPERATIONS):
                writer.write(said(type="subscribe", id=f"{n}", payload=asked[n % 2]))
            kind = 0
            while kind != 8:
                kind, told = await read_frame(reader)
                fight.answers[f"closed {int.from_bytes(told[:2])}" if kind == 8 else "news"] += 1
        finally:
            line.close()

    def block(n: int) -> bytes:
        given = {"mobile": side.mobiles[n % 1_000], "blockedRecalls": bool(n % 2)}
        return operation(side.admin, fight.documents["BlockMobile"], {"input": given})

    await asyncio.gather(fight.each(CONNECTIONS, watch), fight.flood(block, rate=20, lines=5))


@attack()
async def tokens_without_end(fight: Fight) -> None:
    """20 tokens that an admin creates, each with its own budget and reading 20 pages a second."""
    side, line, secrets = fight.facts.attacked, Line(fight.facts.port, ELSEWHERE), []
    await fight.go()
    for n in range(20):
        given = {"name": f"Helper {n}", "role": "RECEPTIONIST"}
        made = operation(side.admin, fight.documents["CreateToken"], {"input": given})
        answer = await fight.ask(line, made)
        assert answer is not None
        secrets.append(json.loads(answer.body)["data"]["createToken"]["secret"])
    page = fight.documents["Recalls"]
    asked = [operation(secret, page, {"first": 100}) for secret in secrets]
    await fight.flood(lambda n: asked[n % len(asked)], rate=400, lines=60)


@attack()
async def pages(fight: Fight) -> None:
    """Pages of 100 and counts of every tab, each for different words, by one receptionist."""
    side, words = fight.facts.attacked, count()

    def asked(n: int) -> bytes:
        given: dict[str, Any] = {"filter": {"search": f"Smith{next(words)}", "blocked": False}}
        name = ("Recalls", "RecallCounts")[n % 2]
        given |= {"first": 100} if name == "Recalls" else {}
        return operation(side.receptionist, fight.documents[name], given)

    await fight.flood(asked, rate=RATE, burst=BURST, lines=100)
