"""The noisy practice's process: ``python -m bench.many.noisy FACTS``, until it is stopped.

Over as many connections as its viewers may have operations in progress, it asks for the dearest
operations that it may ask for, one after another; if refused, it waits as long as it is told to.
At the end it prints how often each was answered and refused, in JSON.
"""

import asyncio
import itertools
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

HOST = "127.0.0.1"
CONNECTIONS = 6
"""Of each token: as many operations as a viewer may have in progress."""
SYNCED = 1_000
PREVIEWED = 1_000
_RETRY = re.compile(rb'"retryAfter": ?(\d+)')

_ROW = """
  id reason urgency dueDate state category { id name }
  patient { id firstName lastName birthDate mobile sharesMobileWith { id firstName lastName } }
  smsStatus { blocked reason overridable message }
  attempts { id kind trigger state body note actor createdAt settledAt }
"""
_DEEP = f"""query ($after: String) {{ recalls(first: 100, after: $after) {{
  totalCount nodes {{ {_ROW} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
_SEARCH = f"""query ($search: String!) {{ recalls(first: 100, filter: {{ search: $search }}) {{
  totalCount nodes {{ {_ROW} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
_COUNTS = """{ toAction: recalls(tab: TO_ACTION) { totalCount }
  calls: recalls(tab: CALLS) { totalCount } letters: recalls(tab: LETTERS) { totalCount }
  all: recalls { totalCount } }"""
_PREVIEW = """query ($ids: [ID!]!) { sendPreview(recallIds: $ids, drafts: 20) {
  ... on SendPreview { drafts { patient { id firstName } text { body segments } } } } }"""
_RUN_PREVIEW = """{ automatedRunPreview { __typename
  ... on RunPreview { messages recalls segments overridden refusals { reason count } } } }"""
_SYNC = """mutation ($input: [PatientInput!]!) { syncPatients(input: $input) {
  __typename ... on Synced { inserted updated unchanged } } }"""
DOCUMENTS = (_DEEP, _SEARCH, _COUNTS, _PREVIEW, _RUN_PREVIEW, _SYNC)
"""What production has to trust."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the process is told: where the API is, its tokens, and the practice's data."""

    port: int
    staff: list[str]
    """Admins' tokens."""
    connector: str
    recalls: list[str]
    cursor: str
    """Of a place deep in the list."""


Operation: TypeAlias = tuple[str, str, Callable[[int], dict[str, Any]]]
"""A name, the path, and the body of the nth request."""


def of_staff(facts: Facts) -> list[Operation]:
    """Return what admins ask for."""
    previewed = facts.recalls[:PREVIEWED]
    return [
        ("deep pages", "/graphql", lambda _: _body(_DEEP, after=facts.cursor)),
        ("searches", "/graphql", lambda n: _body(_SEARCH, search=f"Smith {'ABCDE'[n % 5]}")),
        ("counts", "/graphql", lambda _: _body(_COUNTS)),
        ("previews", "/graphql", lambda _: _body(_PREVIEW, ids=previewed)),
        ("run previews", "/graphql", lambda _: _body(_RUN_PREVIEW)),
        ("exports", "/exports/audit", lambda _: {}),
    ]


def of_connector(_: Facts) -> list[Operation]:
    """Return what the connector asks for: changes of 1,000 patients."""

    def rows(n: int) -> list[dict[str, Any]]:
        return [
            {
                "pmsId": f"Synced {k}",
                "firstName": f"Ann{n}",
                "lastName": "Smith",
                "mobile": f"04{70000000 + k:08d}",
            }
            for k in range(SYNCED)
        ]

    return [("syncs", "/graphql", lambda n: _body(_SYNC, input=rows(n)))]


def _body(document: str, **variables: Any) -> dict[str, Any]:
    return {"query": document, "variables": variables}


async def ask(
    facts: Facts, token: str, operations: Sequence[Operation], begin: int, told: Counter[str]
) -> None:
    """Ask for one operation after another over one connection, for ever."""
    reader, writer = await asyncio.open_connection(HOST, facts.port, limit=2**26)
    for n in itertools.count(begin):
        name, path, body = operations[n % len(operations)]
        content = json.dumps(body(n)).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}:{facts.port}\r\n"
            f"Authorization: Bearer {token}\r\nAccept: application/json\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        try:
            writer.write(head.encode() + content)
            status, answer = await _answer(reader)
        except (OSError, asyncio.IncompleteReadError):  # it was idle for too long
            reader, writer = await asyncio.open_connection(HOST, facts.port, limit=2**26)
            continue
        refused = _RETRY.search(answer, 0, 4_000)
        if refused:
            told[f"{name}: refused"] += 1
            await asyncio.sleep(int(refused[1]))
        elif status != 200 or answer.startswith(b'{"data":null'):  # noqa: PLR2004
            told[f"{name}: {status} {answer[:200].decode(errors='replace')}"] += 1
        else:
            told[name] += 1


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    if b"transfer-encoding: chunked" not in head:
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return status, await reader.readexactly(length)
    first = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        chunk = await reader.readexactly(size + 2)
        first = first or chunk
    await reader.readexactly(2)
    return status, first


async def main(facts: Facts) -> None:
    """Ask until standard input ends."""
    told: Counter[str] = Counter()
    asking = [
        asyncio.create_task(ask(facts, token, of_staff(facts), 3 * k + n, told))
        for k, token in enumerate(facts.staff)
        for n in range(CONNECTIONS)
    ] + [
        asyncio.create_task(ask(facts, facts.connector, of_connector(facts), n, told))
        for n in range(CONNECTIONS)
    ]
    stopped = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait([stopped, *asking], return_when=asyncio.FIRST_COMPLETED)
    for task in asking:
        task.cancel()
    ended = await asyncio.gather(*asking, return_exceptions=True)
    told.update(repr(error) for error in ended if not isinstance(error, asyncio.CancelledError))
    print(json.dumps(told))


if __name__ == "__main__":
    os.nice(19)  # it has a machine of its own, elsewhere
    asyncio.run(main(Facts(**json.loads(Path(sys.argv[1]).read_text()))))
