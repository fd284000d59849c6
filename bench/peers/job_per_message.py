"""A plain arq pipeline: one job for each message, which reads, checks, posts and records it.

Tuned: uvloop and orjson, 100 jobs at a time, polled every 10 ms, no results kept, no log line per
job, and a connection to PostgreSQL for every five jobs.
"""

from typing import Any, cast

import asyncpg
import orjson
import uvloop
from arq import Worker, func
from arq.connections import RedisSettings
from arq.typing import WorkerCoroutine

from bench.peers.session import DATABASE_URL, VALKEY_URL, open_session, post


async def send(context: dict[str, Any], message_id: int) -> None:
    """Send one message, unless its number is blocked."""
    pool = context["pool"]
    row = await pool.fetchrow(
        """
        select m.mobile, m.body, m.reference, coalesce(b.blocked_recalls, false) as blocked
        from bench.messages m
        left join blocked_communications b
          on b.practice_id = m.practice_id and b.mobile = m.mobile
        where m.id = $1 and m.state = 'QUEUED'
        """,
        message_id,
    )
    if row is None or row["blocked"]:
        return
    sid = await post(context["session"], row["mobile"], row["body"], row["reference"])
    await pool.execute(
        "update bench.messages set state = 'SENT', gateway_id = $2, sent_at = now() where id = $1",
        message_id,
        sid,
    )


async def main() -> None:
    """Work until killed."""
    async with (
        asyncpg.create_pool(DATABASE_URL, min_size=20, max_size=20) as pool,
        open_session() as session,
    ):
        worker = Worker(
            functions=[func(cast(WorkerCoroutine, send), name="send")],
            redis_settings=RedisSettings.from_dsn(VALKEY_URL),
            job_serializer=orjson.dumps,
            job_deserializer=orjson.loads,
            ctx={"pool": pool, "session": session},
            max_jobs=100,
            poll_delay=0.01,
            keep_result=0,
            handle_signals=False,
        )
        await worker.async_run()


uvloop.run(main())
