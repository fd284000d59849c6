"""What both Python peers read a page with: connections, the statement, and cursors."""

import base64
import os
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn

from db.types import Connection, Pool, Reader, Row

SQL = Path(__file__).with_name("page.sql").read_text()
FIRST = (date.min, 0)


SIZE = int(os.environ.get("RECALLS_DATABASE_CONNECTIONS", "10"))


async def open_pool() -> Pool:
    """Open asyncpg's pool, with as many connections as ours; each keeps a statement's plan."""
    return await asyncpg.create_pool(
        os.environ["RECALLS_DATABASE_OWNER_URL"],
        min_size=SIZE,
        max_size=SIZE,
        max_inactive_connection_lifetime=0,
        server_settings={"plan_cache_mode": "force_generic_plan"},
        reset=_no_round_trip,
    )


async def _no_round_trip(connection: Connection) -> None:
    """Leave the connection as it is: nothing here changes its state."""


async def read_page(reader: Reader, practice: int, first: int, after: str | None) -> list[Row]:
    """Return up to one row more than the page has."""
    due, key = FIRST if after is None else read_cursor(after)
    rows: list[Row] = await reader.fetch(SQL, practice, due, key, first + 1)
    return rows


def cursor(due: date, key: int) -> str:
    """Return a row's place, in our spelling."""
    place = f"recalls|{due.isoformat()}|{key}".encode()
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def read_cursor(after: str) -> tuple[date, int]:
    """Return the due date and the id in a cursor."""
    _, due, key = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().split("|")
    return date.fromisoformat(due), int(key)


def serve(app: Any) -> None:
    """Serve as ours is served, without a log line per request.

    For more than one process ``app`` must be its name, as ``module:variable``.
    """
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["RECALLS_PORT"]),
        workers=int(os.environ["RECALLS_PROCESSES"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="info",
    )
