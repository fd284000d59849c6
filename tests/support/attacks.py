"""Ways to attack the API, and the check that an attack is refused soon."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from core.identity import Role
from tests.support.raw_client import raw
from tests.support.served import Served

SOON = 0.1
"""Seconds within which an attack is refused."""
TRIES = 3
"""The quickest counts, because the machine may be busy with something else."""
WHO = "{ viewer { name } }"
Answer = str
Attack = Callable[[Served], Awaitable[Answer]]


def json_headers(token: str | None) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    return headers if token is None else headers | {"Authorization": f"Bearer {token}"}


async def answer_of(answer: aiohttp.ClientResponse) -> Answer:
    """Return the status and the error codes, and assert that there is no data."""
    try:
        content = json.loads(await answer.text())
        codes = {error["extensions"]["code"] for error in content["errors"]}
    except (ValueError, KeyError, TypeError):
        return str(answer.status)
    assert not content.get("data"), content
    return f"{answer.status} {' '.join(sorted(codes))}"


def post(
    document: str | bytes,
    variables: dict[str, Any] | None = None,
    *,
    operation: str | None = None,
    role: Role | None = Role.RECEPTIONIST,
    headers: dict[str, str] | None = None,
) -> Attack:
    """Return an attack that posts a document, or a body of bytes."""

    async def attack(served: Served) -> Answer:
        body: Any = {"query": document, "variables": variables, "operationName": operation}
        data = document if isinstance(document, bytes) else json.dumps(body).encode()
        sent = json_headers(served.tokens[role] if role else None) | (headers or {})
        async with served.http.post("/graphql", data=data, headers=sent) as answer:
            return await answer_of(answer)

    return attack


def get(path: str, method: str = "GET", **headers: str) -> Attack:
    async def attack(served: Served) -> Answer:
        sent = {"Authorization": f"Bearer {served.admin}"} | headers
        async with served.http.request(method, path, headers=sent) as answer:
            return await answer_of(answer)

    return attack


def socket(
    document: str,
    role: Role | None = Role.RECEPTIONIST,
    variables: dict[str, Any] | None = None,
) -> Attack:
    """Return an attack over a WebSocket; its answer is the error's code or the close code."""

    async def attack(served: Served) -> Answer:
        token = served.tokens[role] if role else "recalls_1_none"
        async with served.socket({"authorization": f"Bearer {token}"}) as opened:
            payload: Any = {"query": document, "variables": variables}
            subscribe = {"type": "subscribe", "id": "1", "payload": payload}
            try:
                while True:
                    message = json.loads(await opened.recv())
                    if message["type"] == "connection_ack":
                        await opened.send(json.dumps(subscribe))
                    if message["type"] in ("error", "next"):
                        payload = message["payload"]
                        errors = payload if message["type"] == "error" else payload["errors"]
                        return f"ws {errors[0]['extensions']['code']}"
            except ConnectionClosed as closed:
                return f"ws {closed.rcvd.code if closed.rcvd else 'cut'}"

    return attack


def handshake(protocol: str = "graphql-transport-ws", origin: str | None = None) -> Attack:
    async def attack(served: Served) -> Answer:
        url = f"{served.url}/graphql".replace("http", "ws")
        try:
            async with connect(
                url,
                subprotocols=[Subprotocol(protocol)],
                origin=Origin(origin) if origin else None,
            ) as opened:
                await opened.recv()
        except InvalidStatus as refused:
            return f"ws handshake {refused.response.status_code}"
        except ConnectionClosed as closed:
            return f"ws {closed.rcvd.code if closed.rcvd else 'cut'}"
        return "ws open"

    return attack


def endless_body(path: str) -> Attack:
    async def attack(served: Served) -> Answer:
        token, port = served.tokens[Role.RECEPTIONIST], int(served.url.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        writer.write(head.encode())
        chunk = b"186A0\r\n" + b"x" * 100_000 + b"\r\n"
        writer.writelines([chunk] * 11)  # and no last chunk
        status = (await reader.readline()).split()[1].decode()
        writer.close()
        return status

    return attack


def sending(*data: bytes) -> Attack:
    """Return an attack that sends raw bytes; its answer is the status, or "cut" without one."""

    async def attack(served: Served) -> Answer:
        async with raw(served.url) as opened:
            await opened.send(*data)
            status = await opened.status()
            return "cut" if status is None else str(status)

    return attack


def form(size: int) -> Attack:
    """Return an attack that posts a form of small fields, with a well-formed signature."""

    async def attack(served: Served) -> Answer:
        headers = {"X-Twilio-Signature": "A" * 27 + "="}
        data = b"&".join([b"a=1"] * (size // 4))
        async with served.http.post("/replies/twilio", data=data, headers=headers) as answer:
            return await answer_of(answer)

    return attack


async def retried(attack: Attack, target: Served) -> tuple[set[Answer], float]:
    """Return the answers to an attack that is tried a few times, and its least CPU seconds.

    The seconds are this process's, in which the API runs: other work on the machine doesn't count.
    """
    answers, times = set(), []
    for _ in range(TRIES):
        began = time.process_time()
        async with asyncio.timeout(10):
            answers.add(await attack(target))
        times.append(time.process_time() - began)
    return answers, min(times)


def assert_refused_soon(table: list[tuple[str, set[Answer], Answer, float]]) -> None:
    """Print the answers and the CPU milliseconds, and assert that both are as they should be."""
    print()
    for name, answers, _, took in table:
        print(f"| {name} | {', '.join(sorted(answers))} | {took * 1000:.1f} |")
    assert {name: answers for name, answers, _, _ in table} == {
        name: {expected} for name, _, expected, _ in table
    }
    assert {name: took for name, _, _, took in table if took >= SOON} == {}
