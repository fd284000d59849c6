"""Traces that a person could leave outside PostgreSQL's tables: collecting and searching them."""

import asyncio
import contextlib
import re
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import unquote_plus

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

ROOT = Path(__file__).parents[2]
BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s().+/-]+(?=\d)")
REQUEST = re.compile(rb"^(?:GET|POST|PUT|HEAD|OPTIONS) (\S+) HTTP/1\.1\r$", re.MULTILINE)


@dataclass(frozen=True)
class Secrets:
    """What must not be found anywhere: words, numbers (E.164) and days."""

    words: frozenset[str]
    numbers: frozenset[str]
    days: frozenset[date]

    def found_in(self, line: str) -> list[str]:
        """Return those that the line contains, in any notation."""
        plain = unquote_plus(line).casefold()
        digits = BETWEEN_DIGITS.sub("", plain)
        found = [word for word in self.words if word.casefold() in plain]
        # Without +61 or 0, so that it's found as the patient typed it, too.
        found += [number for number in self.numbers if number.removeprefix("+61") in digits]
        found += [f"{day}" for day in self.days if any(form in plain for form in _forms(day))]
        return found


def _forms(day: date) -> tuple[str, ...]:
    shown = f"date({day.year}, {day.month}, {day.day})"
    return f"{day}", f"{day:%d/%m/%Y}", f"{day:%d %b %Y}".casefold(), shown


@dataclass
class Evidence:
    """What a run left behind: lines, by the place where they were found."""

    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, place: str, lines: Iterable[str]) -> None:
        """Add lines found in the place."""
        self.lines.setdefault(place, []).extend(lines)

    def traces(self, secrets: Secrets) -> list[str]:
        """Return the place, secret and line of each trace of a person."""
        return [
            f"{place}: {secret!r} in {line!r}"
            for place, lines in self.lines.items()
            for line in lines
            for secret in secrets.found_in(line)
        ]


class Watched:
    """A relay to a server that records every address requested through it."""

    def __init__(self) -> None:
        self.url = ""
        self.to = ("", 0)
        self.addresses: list[str] = []

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, watch: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(2**16):
                if watch:
                    self.addresses += [found.decode() for found in REQUEST.findall(data)]
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay a connection."""
        try:
            there, back = await asyncio.open_connection(*self.to)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(
                self._pass_on(reader, back, watch=True), self._pass_on(there, writer, watch=False)
            )
        finally:
            for end in (back, writer):
                end.close()
            for end in (back, writer):
                with contextlib.suppress(OSError):
                    await end.wait_closed()


@asynccontextmanager
async def watched() -> AsyncIterator[Watched]:
    """Open such a relay; set its ``to`` before using it."""
    way = Watched()
    connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(way.connected(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    way.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield way
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


@asynccontextmanager
async def collected(collecting: "asyncio.Future[None]") -> AsyncIterator[None]:
    """Let the task collect during the block, then cancel it."""
    try:
        yield
    finally:
        collecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await collecting


async def monitor(valkey_url: str, lines: list[str], ready: asyncio.Event) -> None:
    """Record every command that Valkey receives."""
    async with Redis.from_url(valkey_url) as valkey, valkey.monitor() as commands:
        ready.set()
        while True:
            with contextlib.suppress(RedisError):  # from a command that the client can't parse
                lines.append((await commands.next_command())["command"])


async def activity(database_url: str, lines: set[str]) -> None:
    """Record every statement seen running, and the notifications to ``run_progress``."""
    connection = await asyncpg.connect(
        database_url, server_settings={"application_name": "recalls test"}
    )
    try:
        await connection.add_listener("run_progress", lambda *told: lines.add(f"notify {told[3]}"))
        while True:
            rows = await connection.fetch(
                """
                select query from pg_stat_activity
                where datname = current_database() and application_name <> 'recalls test'
                """
            )
            lines |= {row["query"] for row in rows}
            await asyncio.sleep(0.01)
    finally:
        await connection.close()


@asynccontextmanager
async def process(*command: str, log: Path) -> AsyncIterator[Process]:
    """Run a process of ours with its output in ``log``; stop it at the end."""
    with log.open("ab") as output:
        started = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=output, stderr=output
        )
        try:
            yield started
        finally:
            if started.returncode is None:
                started.terminate()
                try:
                    await asyncio.wait_for(started.wait(), 10)
                except TimeoutError:
                    started.kill()
            await started.wait()
