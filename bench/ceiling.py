"""How fast the gateway itself is, to show that it doesn't limit what is measured."""

import time

import psutil

from bench.gateway import build, running_gateway
from bench.report import Line
from bench.stage import CONNECTIONS, Stage, pid_of
from bench.waiting import command


async def measure(stage: Stage) -> list[Line]:
    """Flood a gateway that answers at once; its share of a core shows that it was the limit."""
    gateway_program = await build("gateway", stage.directory)
    flood = await build("flood", stage.directory)
    async with running_gateway(gateway_program, (0, 0)) as gateway:
        process = psutil.Process(pid_of(str(gateway_program)))
        before, start = sum(process.cpu_times()[:2]), time.perf_counter()
        rate = await command(
            str(flood), str(gateway.port), str(CONNECTIONS), str(stage.sizes.flood)
        )
        busy = (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - start)
    return [Line("gateway's ceiling", f"{float(rate):,.0f}/s, with {busy:.0%} of a core")]
