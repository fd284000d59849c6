"""The command ``python -m dev.demo``, which is ``make demo``."""

import asyncio
import sys
from pathlib import Path

import click
from rich.console import Console

from dev.demo.directory import DemoError
from dev.demo.orchestrator import Options, run
from dev.servers.embedded import ServersError

PORTS = click.IntRange(1, 65535)


@click.command()
@click.option(
    "--port", envvar="PORT", type=PORTS, default=8000, show_default=True, help="Port of the API."
)
@click.option(
    "--simulator-port",
    envvar="SIMULATOR_PORT",
    type=PORTS,
    default=8025,
    show_default=True,
    help="Port of the gateway simulator.",
)
@click.option(
    "--reset", envvar="RESET", is_flag=True, help="Delete the demo's data and start afresh."
)
@click.option(
    "--var",
    envvar="RECALLS_VAR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Folder for data, logs and demo.json.",
)
def main(port: int, simulator_port: int, reset: bool, var: Path) -> None:
    """Run everything on this machine, with made-up patients; no message leaves it."""
    if port == simulator_port:
        raise click.UsageError("PORT and SIMULATOR_PORT must differ.")
    try:
        asyncio.run(run(Options(var, port, simulator_port, reset), Console(highlight=False)))
    except (DemoError, ServersError) as error:
        sys.exit(str(error))
    click.echo("Stopped.")


main()
