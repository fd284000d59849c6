"""Attacks with long lists and long names, by a token's holder with only trusted documents."""

import itertools
import json

from tests.siege.attack import BURST, ELSEWHERE, Fight, attack
from tests.siege.facts import SYNC_PATIENTS
from tests.siege.wire import Line, bearer, frame, http, read_frame, said, upgrade

BANDWIDTH = 25
"""Megabytes per second that an attacker sends."""
ENTRIES = 480_000
"""In a list of the shortest possible ids, in 1 MB."""
ROWS = 150_000
MARK = '"here"'


def long_list(document: str, variables: object, entries: bytes) -> bytes:
    """Return an operation's body, with the entries in place of the mark in its variables."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    return body.replace(MARK.encode(), entries)


def ids(fight: Fight) -> bytes:
    """Return the body of a preview of far too many recalls."""
    entries = b"1," * (ENTRIES - 1) + b"1"
    return long_list(fight.documents["SendPreview"], {"recallIds": ["here"]}, entries)


@attack()
async def long_previews(fight: Fight) -> None:
    """Previews of 480,000 ids, 1 MB each, by one receptionist."""
    asked = http("POST", "/graphql", ids(fight), bearer(fight.facts.attacked.receptionist))
    await fight.flood(lambda _: asked, rate=BANDWIDTH)


@attack()
async def long_previews_as_events(fight: Fight) -> None:
    """Previews of 480,000 ids, answered as events."""
    headers = bearer(fight.facts.attacked.receptionist) | {"Accept": "text/event-stream"}
    asked = http("POST", "/graphql", ids(fight), headers)
    await fight.flood(lambda _: asked, rate=BANDWIDTH)


@attack()
async def long_previews_over_sockets(fight: Fight) -> None:
    """Previews of 480,000 ids over WebSockets."""
    greeting = {"authorization": f"Bearer {fight.facts.attacked.receptionist}"}
    payload = ids(fight).decode()
    message = f'{{"type": "subscribe", "id": "1", "payload": {payload}}}'.encode()
    asked, numbers = frame(message), itertools.count()

    async def over_and_over(_: int) -> None:
        line = Line(fight.facts.port, ELSEWHERE)
        try:
            reader, writer = await line.open()
            writer.write(upgrade())
            await reader.readuntil(b"\r\n\r\n")
            writer.write(said(type="connection_init", payload=greeting))
            await read_frame(reader)
            while True:
                await fight.turn(next(numbers), BANDWIDTH)
                writer.write(asked)
                kind, told = await read_frame(reader)
                if kind == 8:
                    fight.answers[f"closed {int.from_bytes(told[:2])}"] += 1
                    return
                fight.answers[json.loads(told)["type"]] += 1
        finally:
            line.close()

    await fight.each(10, over_and_over)


@attack()
async def long_filters(fight: Fight) -> None:
    """Filters of 480,000 categories, 1 MB each, by one receptionist."""
    entries = b"1," * (ENTRIES - 1) + b"1"
    body = long_list(fight.documents["Recalls"], {"filter": {"categoryIds": ["here"]}}, entries)
    asked = http("POST", "/graphql", body, bearer(fight.facts.attacked.receptionist))
    await fight.flood(lambda _: asked, rate=BANDWIDTH)


@attack()
async def long_syncs(fight: Fight) -> None:
    """Syncs of 150,000 rows, 6.6 MB each, by one connector."""
    row = b'{"pmsId":"1","firstName":"","lastName":"a"}'
    body = long_list(SYNC_PATIENTS, {"input": ["here"]}, b",".join([row] * ROWS))
    asked = http("POST", "/graphql", body, bearer(fight.facts.attacked.connector))
    await fight.flood(lambda _: asked, rate=BANDWIDTH / 6.6, lines=8)


@attack()
async def operation_names(fight: Fight) -> None:
    """Operation names of 1 MB, a different one each time."""
    head = {"query": fight.documents["Viewer"], "operationName": "here"}
    first, last = json.dumps(head).encode().split(b"here")
    filler = b"a" * 980_000 + "\N{GRINNING FACE}".encode()

    def asked(n: int) -> bytes:
        body = first + b"n%d" % n + filler + last
        return http("POST", "/graphql", body, bearer(fight.facts.attacked.receptionist))

    await fight.flood(asked, burst=BURST, lines=50)
