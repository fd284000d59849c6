"""The jobs that arq runs, and the worker that runs them."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, cast

import orjson
from arq import Worker, cron
from arq.connections import ArqRedis, RedisSettings
from arq.typing import WorkerCoroutine

from db.delivery import begin_scheduled_runs, chunks_ready, runs_to_plan, sweep_claims
from db.errors import without_values
from db.lookups import lookups_due
from db.pool import open_pool
from db.rows import Pool
from db.sending import plan_next_slice
from db.settings import DatabaseSettings
from db.tenancy import in_practice
from workers.delivery import GIVE_UP_SETTLING, MARGIN, Delivery
from workers.gateway.protocol import Gateway
from workers.gateway.twilio import TwilioGateway
from workers.limiter import Limiter
from workers.lookups import look_up_next
from workers.queue import read
from workers.settings import GatewaySettings, QueueSettings

TURN = 30.0
"""Seconds that a job works before it queues itself again, well under arq's limit for a job."""
SWEEP_SECONDS = 5
LOOK_EVERY = 30.0
"""Seconds between two looks for a message that is UNKNOWN, or less where it is soon decided."""
Context = dict[str, Any]
Job = Callable[..., Awaitable[None]]
logger = logging.getLogger(__name__)


def _discreet(job: Job) -> WorkerCoroutine:
    """Log what a job fails with ourselves: arq would log PostgreSQL's words, patients and all."""

    @wraps(job)
    async def run(*arguments: Any) -> None:
        try:
            await job(*arguments)
        except Exception as error:
            logger.error("job %s failed: %s", job.__name__, without_values(error))

    return cast(WorkerCoroutine, run)


def _turn(context: Context) -> Callable[[], bool]:
    """Give a function that says whether a job that begins now may go on."""
    end = time.monotonic() + TURN
    worker: Worker = context["worker"]
    return lambda: time.monotonic() < end and worker.allow_pick_jobs


@_discreet
async def deliver(context: Context) -> None:
    """Deliver what is ready; goes on in a new job where it is still not done after its turn."""
    delivery: Delivery = context["delivery"]
    if await delivery.drain(_turn(context)):
        await context["redis"].enqueue_job("deliver")


@_discreet
async def plan(context: Context, practice_id: int, run_id: int) -> None:
    """Plan the run slice by slice, each of them sendable as soon as it is planned."""
    pool: Pool = context["pool"]
    redis: ArqRedis = context["redis"]
    may_go_on = _turn(context)
    more = True
    while more and may_go_on():
        async with in_practice(pool, practice_id) as connection:
            more = await plan_next_slice(connection, practice_id, run_id)
        await redis.enqueue_job("deliver")
    if more:
        await redis.enqueue_job("plan", practice_id, run_id)


@_discreet
async def look_up(context: Context) -> None:
    """Ask the gateway about the messages that are UNKNOWN and due to be looked up."""
    pool: Pool = context["pool"]
    settings: GatewaySettings = context["gateway_settings"]
    may_go_on = _turn(context)
    found = False
    while may_go_on() and await look_up_next(
        pool,
        context["gateway"],
        conclusive_after=settings.gateway_lookup_after,
        look_again=_look_every(settings),
    ):
        found = True
    if found:
        await context["redis"].enqueue_job("deliver")  # what the gateway never took


@_discreet
async def sweep(context: Context) -> None:
    """Begin the runs that are due, and pick up what a lost job or a dead worker left."""
    pool: Pool = context["pool"]
    redis: ArqRedis = context["redis"]
    gateway: Gateway = context["gateway"]
    settings: GatewaySettings = context["gateway_settings"]
    await begin_scheduled_runs(pool)
    # Past its deadline a live worker may still wait for answers, and then settle.
    grace = 2 * settings.gateway_timeout + MARGIN
    await sweep_claims(pool, grace, look_after=_look_after(gateway, settings))
    for practice_id, run_id in await runs_to_plan(pool):
        await redis.enqueue_job("plan", practice_id, run_id)
    if await chunks_ready(pool):
        await redis.enqueue_job("deliver")
    if gateway.lists and await lookups_due(pool):
        await redis.enqueue_job("look_up")


def _look_every(settings: GatewaySettings) -> float:
    return min(LOOK_EVERY, settings.gateway_lookup_after / 4)


def _look_after(gateway: Gateway, settings: GatewaySettings) -> float | None:
    return _look_every(settings) if gateway.lists else None


@asynccontextmanager
async def resources() -> AsyncIterator[Context]:
    """Open what the jobs work with, and close it at the end; it outlives a loss of Valkey."""
    database = DatabaseSettings()
    settings = GatewaySettings()
    pool = await open_pool(
        database.database_url.get_secret_value(),
        name="worker",
        connections=database.database_connections,
    )
    gateway = TwilioGateway(
        settings.gateway_url,
        settings.gateway_account,
        settings.gateway_token.get_secret_value(),
        sender=settings.gateway_sender,
        receipts_url=settings.receipts_url,
        timeout=settings.gateway_timeout,
        connections=settings.gateway_connections,
        lists=settings.gateway_lookup,
    )
    sender = f"{settings.gateway_account}:{settings.gateway_sender}"
    valkey_url = QueueSettings().valkey_url.get_secret_value()
    limiter = Limiter(valkey_url, sender, rate=settings.gateway_rate)
    delivery = Delivery(
        pool,
        gateway,
        limiter,
        concurrency=settings.gateway_connections,
        lease=settings.worker_lease,
        look_after=_look_after(gateway, settings),
    )
    try:
        yield {
            "pool": pool,
            "gateway": gateway,
            "delivery": delivery,
            "gateway_settings": settings,
        }
    finally:
        await limiter.close()
        await gateway.close()
        await pool.close()


async def _ready(ctx: Context) -> None:  # noqa: ARG001
    logger.info("ready for work")


def make_worker(context: Context, *, burst: bool = False) -> Worker:
    """Make arq's worker over ``resources``; with ``burst`` it ends when nothing is queued."""
    worker = Worker(
        functions=[deliver, plan, look_up],
        cron_jobs=[
            cron(
                sweep,
                second=set(range(0, 60, SWEEP_SECONDS)),
                microsecond=0,
                run_at_startup=True,
                timeout=60,
            )
        ],
        on_startup=_ready,
        redis_settings=RedisSettings.from_dsn(QueueSettings().valkey_url.get_secret_value()),
        job_serializer=orjson.dumps,
        job_deserializer=read,
        ctx=context,
        burst=burst,
        max_tries=1,  # nothing is retried here: PostgreSQL knows what is left, the sweeper finds it
        poll_delay=0.05,
        keep_result=0,
        job_timeout=TURN + GIVE_UP_SETTLING + 60,
        # On SIGTERM the chunks in hand are finished: what is cut off would be UNKNOWN.
        job_completion_wait=60,
        health_check_interval=10,
        handle_signals=not burst,
    )
    context["worker"] = worker
    return worker
