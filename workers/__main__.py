"""The command ``python -m workers``: plans, sends and sweeps until told to stop."""

import asyncio
import logging
import sys
from contextlib import suppress

from core.garbage import everything_stays

with everything_stays():
    import click
    import uvloop
    from arq.worker import async_check_health
    from redis.exceptions import RedisError

    from core.logging import DiscreetFormatter, end_discreetly, log_discreetly
    from core.settings import DatabaseSettings, WrongSettingsError, check_settings
    from db.pool import UNREACHABLE, UnguardedError, unreachable
    from workers.arq_patches import queue_settings, quiet_arq
    from workers.jobs import make_worker, resources
    from workers.settings import GatewaySettings, QueueSettings

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
logger = logging.getLogger(__name__)


async def work() -> None:
    """Run a worker until SIGTERM or SIGINT, starting a new one if a loss of Valkey ends it."""
    log_discreetly()
    async with resources() as context:
        while True:
            worker = make_worker(context)
            try:
                await worker.async_run()
            except asyncio.CancelledError:
                return  # arq cancels its main task once it has handled a signal
            except (RedisError, OSError) as error:
                logger.warning("Valkey is lost (%s); trying again", type(error).__name__)
                await asyncio.sleep(1)
            finally:
                with suppress(RedisError, OSError):
                    await worker.close()


async def check_health() -> int:
    """Return 0 if a worker has reported in the last few seconds that it is alive, else 1."""
    redis = queue_settings(QueueSettings().valkey_url.get_secret_value())
    redis.conn_retries = 0
    try:
        return await async_check_health(redis)
    except (RedisError, OSError) as error:
        click.echo(f"Valkey can't be reached ({type(error).__name__}).", err=True)
        return 1


@click.command()
@click.option(
    "--check", is_flag=True, help="Only report whether a worker is alive: exit 0 if one is, else 1."
)
def main(check: bool) -> None:
    """Run a worker, which plans, sends and sweeps. Start any number, on any number of machines."""
    logging.basicConfig(level=logging.INFO)
    quiet_arq()
    for handler in logging.getLogger().handlers:
        handler.setFormatter(DiscreetFormatter(FORMAT))
    end_discreetly()
    try:
        check_settings(DatabaseSettings, QueueSettings, GatewaySettings)
    except WrongSettingsError as error:
        raise click.ClickException(str(error)) from None
    if check:
        sys.exit(asyncio.run(check_health()))
    try:
        uvloop.run(work())
    except UNREACHABLE as error:
        raise click.ClickException(unreachable(error)) from None
    except UnguardedError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
