"""What both peers in Python read a page with: connections, the statement, and cursors."""

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
    """Open asyncpg's pool, of as many connections as ours has; each keeps a statement's plan."""
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
    """Give up to one row more than the page has."""
    due, key = FIRST if after is None else read_cursor(after)
    rows: list[Row] = await reader.fetch(SQL, practice, due, key, first + 1)
    return rows


def cursor(due: date, key: int) -> str:
    """Give a row's place, spelled as ours."""
    place = f"recalls|{due.isoformat()}|{key}".encode()
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def read_cursor(after: str) -> tuple[date, int]:
    """Give the due date and the id of a cursor."""
    _, due, key = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().split("|")
    return date.fromisoformat(due), int(key)


def serve(app: Any) -> None:
    """Serve as ours is served, and write no line of log a request."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["RECALLS_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
