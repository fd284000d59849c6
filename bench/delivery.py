"""Delivering planned messages: our worker, a bare client, and a job for each message."""

import asyncio

import arq
import orjson
from arq.connections import ArqRedis, RedisSettings

from bench.data import PLANNED, make_planned
from bench.gateway import Gateway, build, running_gateway
from bench.report import Line, ratio_line
from bench.stage import Stage, shipped
from bench.waiting import BenchError, until
from db.pool import open_owner_pool

LATENCY_MS = (20, 50)
DEADLINE = 300.0
ENQUEUED_AT_ONCE = 100


async def measure(stage: Stage) -> list[Line]:
    """Measure all three in turn, round by round; each is timed from first to last arrival."""
    await make_planned(stage)
    bare, jobs, ours = [], [], []
    async with running_gateway(await build("gateway", stage.directory), LATENCY_MS) as gateway:
        for _ in range(stage.sizes.rounds):
            bare.append(await _peer(stage, gateway, "bare_client", stage.sizes.delivered))
            jobs.append(await _job_per_message(stage, gateway))
            ours.append(await _ours(stage, gateway))
    return [
        ratio_line("delivery ÷ bare aiohttp client", ours, bare, "{:,.0f}/s", at_least=0.8),
        ratio_line("delivery ÷ an arq job per message", ours, jobs, "{:,.0f}/s", at_least=8),
    ]


async def ratios_to_bare_client(stage: Stage) -> list[float]:
    """Return each round's messages a second, ours ÷ the bare client's right before it."""
    await make_planned(stage)
    ratios = []
    async with running_gateway(await build("gateway", stage.directory), LATENCY_MS) as gateway:
        for _ in range(stage.sizes.rounds):
            bare = await _peer(stage, gateway, "bare_client", stage.sizes.delivered)
            ratios.append(await _ours(stage, gateway) / bare)
    return ratios


async def _ours(stage: Stage, gateway: Gateway) -> float:
    count = stage.sizes.delivered
    async with stage.clone(PLANNED) as url, shipped(stage, url, gateway) as processes:
        await gateway.reset()
        await processes.start_worker()
        rate = (await gateway.until_arrived(count, DEADLINE)).per_second
        async with await open_owner_pool(url, name="bench", connections=1) as pool:

            async def finished() -> bool:
                return bool(await pool.fetchval("select state = 'FINISHED' from runs"))

            await until(finished, 30, "the run's end")
            sent = await pool.fetchval("select count(*) from contact_attempts where state = 'SENT'")
        if (sent, (await gateway.arrivals()).count) != (count, count):
            raise BenchError(f"{sent} of {count} messages are SENT")
        return rate


async def _job_per_message(stage: Stage, gateway: Gateway) -> float:
    return await _peer(stage, gateway, "job_per_message", stage.sizes.jobs, enqueue=True)


async def _peer(
    stage: Stage, gateway: Gateway, name: str, count: int, *, enqueue: bool = False
) -> float:
    async with stage.clone(PLANNED) as url, shipped(stage, url, gateway) as processes:
        if enqueue:
            await _enqueue(stage, url, count)
        await gateway.reset()
        await processes.start_peer(name)
        return (await gateway.until_arrived(count, DEADLINE)).per_second


async def _enqueue(stage: Stage, url: str, count: int) -> None:
    async with await open_owner_pool(url, name="bench", connections=1) as pool:
        rows = await pool.fetch("select id from bench.messages order by id limit $1", count)
    queue: ArqRedis = await arq.create_pool(
        RedisSettings.from_dsn(stage.valkey_url), job_serializer=orjson.dumps
    )
    for start in range(0, count, ENQUEUED_AT_ONCE):
        some = rows[start : start + ENQUEUED_AT_ONCE]
        await asyncio.gather(*(queue.enqueue_job("send", row["id"]) for row in some))
    await queue.aclose()
