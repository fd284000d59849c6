"""Fuzzing over WebSockets: valid conversations, changed in their messages, frames or handshake."""

import asyncio
import json
import zlib
from random import Random
from typing import Any

from tests.siege.facts import Facts
from tests.siege.fuzz import mutations, seeds
from tests.siege.fuzz.findings import (
    CLOSED,
    Findings,
    wrong_in_answers,
    wrong_in_errors,
    wrong_in_text,
)
from tests.siege.wire import GONE, HOST, deflated, frame, upgrade

SILENCE, LONGEST = 0.7, 3.0
"""Seconds of silence, and in total, after which reading ends."""
CODES = (0, 999, 1000, 1001, 1005, 1006, 1015, 3000, 4400, 65_535)
"""Codes that a client closes with; the server echoes some of them."""


class Sockets:
    """Conversations over WebSockets made up by number, and sent."""

    def __init__(self, facts: Facts, seed: str, findings: Findings) -> None:
        self._facts, self._seed, self._findings = facts, seed, findings
        self._operations = seeds.operations(facts)
        self._tokens = seeds.tokens(facts)

    async def send(self, number: int) -> None:
        """Make up the conversation with that number, send it, and check what comes back."""
        luck = Random(f"{self._seed} {number}")  # noqa: S311
        protocol = luck.choice(("graphql-transport-ws",) * 9 + ("graphql-ws", "", "a, b"))
        greeting = upgrade(compressed=luck.random() < 0.3, protocol=protocol or "x")
        if luck.random() < 0.1:
            greeting = mutations.head_changed(luck, greeting)
        said = self._said(luck)
        if luck.random() < 0.15:
            said = mutations.bytes_changed(luck, said, [said])
        sent = greeting + said
        self._findings.begin(sent)
        # Bytes sent along with the greeting are lost, or belong to no WebSocket.
        sent_first = sent if luck.random() < 0.05 else greeting
        head, frames = await exchange(self._facts.port, sent_first, sent[len(sent_first) :])
        back = head + b"\n".join(payload for _, payload in frames)
        if wrong := wrong_in_answers(head) or _wrong_in_frames(frames):
            self._findings.add(wrong, sent, back)

    def _said(self, luck: Random) -> bytes:
        messages: Any = seeds.conversation(luck.choice(self._tokens), luck.choice(self._operations))
        kind = luck.random()
        if kind < 0.6:
            at = luck.randrange(len(messages))
            messages[at] = mutations.json_changed(luck, messages[at])
        if kind < 0.2:
            luck.shuffle(messages)
        if 0.2 < kind < 0.3:
            messages += [luck.choice(messages)] * luck.choice((1, 30))
        sent = b""
        for message in messages:
            text = mutations.written(luck, message)
            sent += _framed(luck, text) if kind > 0.5 else frame(text)
        return sent


def _framed(luck: Random, text: bytes) -> bytes:
    """Return a message's frames: fragments, with control frames among them, and wrong ones."""
    match luck.randrange(12):
        case 0:
            return frame(text, opcode=luck.choice((2, 3, 7, 11, 15)))
        case 1:
            at = luck.randrange(len(text) + 1)
            between = luck.choice((b"", frame(b"x", opcode=9), frame(text), frame(b"", opcode=8)))
            return frame(text[:at], last=False) + between + frame(text[at:], opcode=0)
        case 2:
            return frame(text, opcode=0)
        case 3:
            return frame(luck.randbytes(luck.choice((0, 125, 126, 300))), opcode=9) + frame(text)
        case 4:
            reason = luck.choice((b"", b"x", b"\xff", b"x" * 124))
            return frame(luck.choice(CODES).to_bytes(2) + reason, opcode=8)
        case 5:
            return frame(luck.choice((b"\x00", b"\xff")), opcode=8)
        case 6:
            return frame(deflated(text), compressed=True)
        case 7:
            return frame(luck.randbytes(50), compressed=True)
        case 8:
            unmasked = bytearray(frame(text))
            unmasked[1] &= 0x7F
            return bytes(unmasked)
        case 9:
            return frame(b"\xff\xfe" + text)
        case 10:
            return b"".join(
                frame(text[n : n + 1], opcode=int(not n), last=False) for n in range(50)
            )
        case _:
            return frame(text)


def _wrong_in_frames(frames: list[tuple[int, bytes]]) -> str | None:
    for kind, payload in frames:
        if kind == 8:
            code = int.from_bytes(payload[:2]) if payload else 1005
            if code not in CLOSED:
                return f"closed with {code}"
        if kind == 1:
            if wrong := wrong_in_text(payload):
                return wrong
            said = json.loads(payload)
            if wrong := wrong_in_errors(said.get("payload") if "id" in said else None):
                return wrong
    return None


async def exchange(
    port: int, greeting: bytes, said: bytes
) -> tuple[bytes, list[tuple[int, bytes]]]:
    """Send the greeting and, once it's answered, the rest; return what comes back till silence."""
    frames: list[tuple[int, bytes]] = []
    try:
        reader, writer = await asyncio.open_connection(HOST, port, limit=2**24)
    except GONE:
        return b"could not connect", frames
    head = b""
    try:
        writer.write(greeting)
        async with asyncio.timeout(LONGEST):
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 101 " not in head:
                return head + await reader.read(2**20), frames
            writer.write(said)
            await _listen(reader, frames)
    except (*GONE, TimeoutError):
        pass
    finally:
        writer.transport.abort()
    return head, frames


async def _listen(reader: asyncio.StreamReader, frames: list[tuple[int, bytes]]) -> None:
    """Read frames and decompress them until none comes for a while."""
    unpacking = zlib.decompressobj(-15)
    while True:
        async with asyncio.timeout(SILENCE):
            first, second = await reader.readexactly(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
            payload = await reader.readexactly(size)
        if first & 0x40:
            payload = unpacking.decompress(payload + b"\x00\x00\xff\xff")
        frames.append((first & 0x0F, payload))
