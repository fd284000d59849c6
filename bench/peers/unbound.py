"""Ours as the tables' owner, whom no policy binds: the difference is what row-level security costs.

What is shipped refuses to serve so; here alone the check and the practice in reads are left out.
"""

import os
from functools import partial

import uvicorn

import db.pool
from api.app import make_app
from db.types import Pool


async def _any_role(pool: Pool) -> Pool:
    return pool


if __name__ == "__main__":
    os.environ["RECALLS_DATABASE_URL"] = os.environ["RECALLS_DATABASE_OWNER_URL"]
    db.pool._guarded = _any_role
    db.pool.Reads = partial(db.pool.Reads, within=str)  # type: ignore[misc, assignment]
    uvicorn.run(
        make_app,
        factory=True,
        host=os.environ["RECALLS_HOST"],
        port=int(os.environ["RECALLS_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        server_header=False,
        log_level="warning",
    )
