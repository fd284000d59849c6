"""The jobs that arq runs, and the worker that runs them."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import wraps
from typing import Any, cast

import orjson
from arq import Worker, cron
from arq.connections import ArqRedis
from arq.typing import WorkerCoroutine

from core.logging import without_values
from core.settings import DatabaseSettings
from db.delivery import (
    Handled,
    begin_scheduled_run,
    cancel_stopped,
    practices_due,
    sweep_claim,
    what_waits,
)
from db.opt_outs import carry_out, pending_opt_outs
from db.pool import open_pool
from db.sending import Planned, plan_next
from db.types import Pool
from db.unknown_messages import give_up_look_up
from workers.arq_patches import may_go_on, queue_settings
from workers.clock import Watched
from workers.delivery import GIVE_UP_SETTLING, MARGIN, Delivery
from workers.gateway.protocol import Gateway
from workers.gateway.twilio import TwilioGateway
from workers.lane import Lane
from workers.limiter import Limiter
from workers.queue import enqueue, read
from workers.settings import GatewaySettings, QueueSettings
from workers.unknown_messages import LookUp
from workers.waking import Ear

TURN_SECONDS = 30.0
"""Seconds that a job works before it queues itself again, well under arq's limit per job."""
SWEEP_SECONDS = 1
POLL_SECONDS = 0.25
"""Seconds from one look at the queue to the next, unless a worker is told of a job."""
LOOK_UP_SECONDS = 30.0
"""Seconds between look-ups of an UNKNOWN message, or fewer if its outcome is decided soon."""
BUSY_SECONDS = 0.02
"""Seconds until the planner tries again if people are busy in every practice that has a run."""
SCHEDULE_RETRY_SECONDS = 60.0
"""Seconds until a practice's schedule that raised is tried again."""
OPT_OUT_RETRY_SECONDS = 5.0
"""Seconds until an opt-out that some practice couldn't carry out is tried again."""
Context = dict[str, Any]
Job = Callable[..., Awaitable[None]]
logger = logging.getLogger(__name__)


def _discreet(job: Job) -> WorkerCoroutine:
    """Log a job's failure ourselves: arq would log PostgreSQL's words, patients and all."""

    @wraps(job)
    async def run(*arguments: Any) -> None:
        try:
            await job(*arguments)
        except Exception as error:
            logger.error("job %s failed: %s", job.__name__, without_values(error))

    return cast(WorkerCoroutine, run)


def _turn(context: Context) -> Callable[[], bool]:
    """Return a function that says whether a job that begins now may go on."""
    end = time.monotonic() + TURN_SECONDS
    worker: Worker = context["worker"]
    return lambda: time.monotonic() < end and may_go_on(worker)


def _log_problem(what: str, handled: Handled | Planned) -> None:
    if handled.problem:
        logger.error(
            "%s run %s of practice %s is put off: SQLSTATE %s",
            what,
            handled.run_id,
            handled.practice_id,
            handled.problem,
        )


@contextmanager
def _put_off(context: Context, what: str, which: int, seconds: float) -> Iterator[bool]:
    """Put one of several things off for ``seconds`` if it raises; the others are still done.

    Yield false while it is put off.
    """
    put_off: dict[tuple[str, int], float] = context["put_off"]
    if put_off.get((what, which), 0.0) > time.monotonic():
        yield False
        return
    try:
        yield True
    except Exception as error:
        put_off[what, which] = time.monotonic() + seconds
        logger.error("%s %d is put off: %s", what, which, without_values(error))
    else:
        put_off.pop((what, which), None)


async def _work(context: Context, job: str, step: Callable[[], Awaitable[bool]]) -> None:
    """Take steps in the job's own lane; if its turn ends before they do, a new job goes on.

    So each kind of work takes one of arq's slots, and none waits behind another.
    """
    lane: Lane = context["lanes"][job]
    if await lane.work(step, _turn(context)):
        await enqueue(context["redis"], job)


@_discreet
async def deliver(context: Context) -> None:
    """Deliver what is ready; if that isn't done after its turn, a new job goes on."""
    delivery: Delivery = context["delivery"]
    if await delivery.drain(_turn(context)):
        await enqueue(context["redis"], "deliver")


@_discreet
async def plan(context: Context) -> None:
    """Plan runs slice by slice, in turn; each slice can be sent as soon as it is planned."""

    async def step() -> bool:
        planned = await plan_next(context["pool"])
        if planned is None:
            return False
        _log_problem("planning", planned)
        if planned.run_id is None:
            await asyncio.sleep(BUSY_SECONDS)
        else:
            await enqueue(context["redis"], "deliver")
        return True

    await _work(context, "plan", step)


@_discreet
async def cancel(context: Context) -> None:
    """Cancel the waiting messages of stopped runs, however slow the gateway is."""

    async def step() -> bool:
        cancelled = await cancel_stopped(context["pool"], look_after=context["look_after"])
        if cancelled is not None:
            _log_problem("cancelling", cancelled)
        return cancelled is not None

    await _work(context, "cancel", step)


@_discreet
async def look_up(context: Context) -> None:
    """Ask the gateway about the UNKNOWN messages that are due to be looked up."""
    look_up: LookUp = context["look_up"]
    may_go_on = _turn(context)

    async def step() -> bool:
        found = await look_up.next(may_go_on)
        if found:
            await enqueue(context["redis"], "deliver")  # messages that the gateway never took
        return found

    await _work(context, "look_up", step)


@_discreet
async def opt_out(context: Context) -> None:
    """Carry out the pending opt-outs; one that fails doesn't hold up the others."""
    pool: Pool = context["pool"]

    async def one_of_them(opt_out_id: int) -> None:
        with _put_off(context, "opt-out", opt_out_id, OPT_OUT_RETRY_SECONDS) as due:
            if due:
                await carry_out(pool, opt_out_id)

    async def step() -> bool:
        await asyncio.gather(*map(one_of_them, await pending_opt_outs(pool)))
        return False

    await _work(context, "opt_out", step)


@_discreet
async def sweep(context: Context) -> None:
    """Begin the runs that are due, and pick up what a lost job or a dead worker left behind."""
    pool: Pool = context["pool"]
    redis: ArqRedis = context["redis"]
    gateway: Gateway = context["gateway"]
    settings: GatewaySettings = context["gateway_settings"]
    clock: Watched = context["database_clock"]
    if await pending_opt_outs(pool):
        await enqueue(redis, "opt_out")
    await _begin_runs(context)
    waits = await what_waits(pool)
    clock.look(waits.at)
    # Past its deadline a live worker may still wait for answers, and then settle. If the clock was
    # set forward, the deadline only seems to have passed, and the worker may still send.
    grace = 2 * settings.gateway_timeout + MARGIN
    may_sweep = clock.steady_for(settings.worker_lease + grace)
    while may_sweep and (swept := await sweep_claim(pool, grace, look_after=context["look_after"])):
        _log_problem("giving up a claim on", swept)
    if not gateway.lists:
        while await give_up_look_up(pool):
            continue
    for job, there_is in (
        ("plan", waits.planning),
        ("cancel", waits.stopped),
        ("deliver", waits.ready),
        ("look_up", waits.unsure and gateway.lists),
    ):
        if there_is:
            await enqueue(redis, job)


async def _begin_runs(context: Context) -> None:
    """Begin the scheduled runs that are due, each practice's separately."""
    pool: Pool = context["pool"]
    for practice_id in await practices_due(pool):
        with _put_off(context, "the run of practice", practice_id, SCHEDULE_RETRY_SECONDS) as due:
            if due and await begin_scheduled_run(pool, practice_id) is not None:
                await enqueue(context["redis"], "plan")


def _look_every(settings: GatewaySettings) -> float:
    return min(LOOK_UP_SECONDS, settings.gateway_lookup_after / 4)


def _look_after(gateway: Gateway, settings: GatewaySettings) -> float | None:
    return _look_every(settings) if gateway.lists else None


@asynccontextmanager
async def resources() -> AsyncIterator[Context]:
    """Hold open what the jobs work with; it outlives a loss of Valkey."""
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
        validity=settings.gateway_validity,
        timeout=settings.gateway_timeout,
        connections=settings.gateway_connections,
        lists=settings.gateway_lookup,
    )
    look_after = _look_after(gateway, settings)
    sender = f"{settings.gateway_account}:{settings.gateway_sender}"
    valkey_url = QueueSettings().valkey_url.get_secret_value()
    limiter = Limiter(valkey_url, sender, rate=settings.gateway_rate)
    delivery = Delivery(
        pool,
        gateway,
        limiter,
        concurrency=settings.gateway_connections,
        lease=settings.worker_lease,
        look_after=look_after,
    )
    database_clock = Watched()
    look_up = LookUp(
        pool,
        gateway,
        conclusive_after=settings.gateway_lookup_after,
        look_again=_look_every(settings),
        clock=database_clock,
    )
    try:
        yield {
            "pool": pool,
            "gateway": gateway,
            "delivery": delivery,
            "look_up": look_up,
            "look_after": look_after,
            "database_clock": database_clock,
            "lanes": {job: Lane() for job in ("plan", "cancel", "look_up", "opt_out")},
            "put_off": {},
            "gateway_settings": settings,
        }
    finally:
        await limiter.close()
        await gateway.close()
        await pool.close()


def make_worker(context: Context, *, burst: bool = False) -> Worker:
    """Return arq's worker on ``resources``; with ``burst`` it ends when nothing is queued."""
    ear = Ear()

    async def ready(ctx: Context) -> None:  # noqa: ARG001
        if not burst:  # which ends once the queue is empty
            await ear.open(worker)
        logger.info("ready for work")

    worker = Worker(
        functions=[deliver, plan, cancel, look_up, opt_out],
        cron_jobs=[
            cron(
                sweep,
                # arq queues a second ahead: with one each second, a burst would never end.
                second=set(range(0, 60, 5 if burst else SWEEP_SECONDS)),
                microsecond=0,
                run_at_startup=True,
                timeout=60,
            )
        ],
        on_startup=ready,
        on_shutdown=ear.close,
        redis_settings=queue_settings(QueueSettings().valkey_url.get_secret_value()),
        job_serializer=orjson.dumps,
        job_deserializer=read,
        ctx=context,
        burst=burst,
        max_tries=1,  # nothing is retried here: PostgreSQL knows what is left, the sweeper finds it
        # It hears of what is due now; this is for what is due later, and what it didn't hear of.
        poll_delay=0.05 if burst else POLL_SECONDS,
        keep_result=0,
        job_timeout=TURN_SECONDS + GIVE_UP_SETTLING + 60,
        # On SIGTERM the chunks in hand are finished: messages cut off would be UNKNOWN.
        job_completion_wait=60,
        health_check_interval=10,
        handle_signals=not burst,
    )
    context["worker"] = worker
    return worker
