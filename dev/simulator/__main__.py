"""The command ``python -m dev.simulator``: runs the simulator as a process."""

import asyncio
import signal

import click
import uvloop
from aiohttp import web

from dev.simulator.app import make_runner
from dev.simulator.faults import Settings
from dev.simulator.loopback import is_loopback_host, is_loopback_url


def _loopback_only(_context: click.Context, _parameter: click.Parameter, host: str) -> str:
    if not is_loopback_host(host):
        raise click.BadParameter("the simulator listens on this machine only, such as 127.0.0.1")
    return host


def _to_loopback_only(
    _context: click.Context, _parameter: click.Parameter, url: str | None
) -> str | None:
    if url is not None and not is_loopback_url(url):
        raise click.BadParameter("replies go to this machine only, such as http://127.0.0.1:8000/…")
    return url


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, callback=_loopback_only)
@click.option(
    "--port",
    default=8025,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--auth-token",
    default="simulator",
    show_default=True,
    help="Token that senders must send; receipts and replies are signed with it.",
)
@click.option(
    "--receipt-delay",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 3600),
    help="Seconds from accepting a message to its receipts.",
)
@click.option(
    "--latency",
    default=0,
    show_default=True,
    type=click.IntRange(0, 3_600_000),
    help="Milliseconds to wait before each answer.",
)
@click.option(
    "--replies-url",
    callback=_to_loopback_only,
    help="URL that patients' replies are posted to, such as the API's /replies/twilio.",
)
def main(
    *,
    host: str,
    port: int,
    auth_token: str,
    receipt_delay: float,
    latency: int,
    replies_url: str | None,
) -> None:
    """Accept messages as Twilio would, and send none. The first line says where it listens."""
    settings = Settings(latency_ms=latency, receipt_delay_ms=round(receipt_delay * 1000))
    uvloop.run(_serve(host, port, make_runner(auth_token, settings, replies_url)))


async def _serve(host: str, port: int, runner: web.AppRunner) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        name = f"[{host}]" if ":" in host else host
        # With port 0 only the socket knows the port.
        click.echo(f"listening on http://{name}:{runner.addresses[0][1]}")
        await stop.wait()
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    main(prog_name="python -m dev.simulator")
