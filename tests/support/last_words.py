"""A relay to PostgreSQL that closes each connection a while after its last words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from db.types import Pool

LATE = 0.3
TERMINATED = b"57P01"
"""The SQLSTATE with which an administrator's command ends a connection."""


class LateEnds:
    """Relay whose connections close late."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._spoken = asyncio.Event()
        self.tasks: set[asyncio.Task[None] | None] = set()

    async def end(self, pool: Pool, application: str) -> None:
        """Have PostgreSQL end an application's connections; wait until its last words are read."""
        await pool.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = $1 and datname = current_database()",
            application,
        )
        await self._spoken.wait()
        await asyncio.sleep(LATE / 10)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.current_task())
        there = await asyncio.open_unix_connection(self._socket)

        async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                if TERMINATED in data:
                    self._spoken.set()

        requests = asyncio.create_task(pass_on(reader, there[1]))
        await pass_on(there[0], writer)
        await asyncio.sleep(LATE)
        writer.close()
        there[1].close()
        await requests


@asynccontextmanager
async def late_ends(url: str) -> AsyncIterator[tuple[str, LateEnds]]:
    """Yield the database's URL through such a relay, and the relay."""
    parts = urlsplit(url)
    [directory] = parse_qs(parts.query)["host"]
    way = LateEnds(f"{directory}/.s.PGSQL.5432")
    server = await asyncio.start_server(way.relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable", way
    finally:
        server.close()
        await asyncio.gather(*filter(None, way.tasks))
