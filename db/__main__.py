"""The commands ``python -m db migrate`` and ``python -m db distrust``."""

import asyncio
from datetime import UTC, datetime
from functools import partial

import asyncpg
import click

from core.logging import end_discreetly
from core.settings import DatabaseSettings, OwnerSettings, WrongSettingsError, check_settings
from db.distrust import Distrusted, WorkersRunningError
from db.distrust import distrust as distrust_since
from db.migrate import (
    DISCREET,
    LOADED,
    InTheWayError,
    keep_values_out_of_log,
    set_application_password,
)
from db.migrate import migrate as migrate_database
from db.pool import UNREACHABLE, open_owner_pool, unreachable
from db.tenancy import APPLICATION


@click.group()
def main() -> None:
    """Maintain the database that RECALLS_DATABASE_OWNER_URL names."""


@main.command()
def migrate() -> None:
    """Bring the database up to this release's schema; safe to run at every start.

    It also creates the role that serving processes connect as, with the password in
    RECALLS_DATABASE_URL.
    """
    try:
        check_settings(DatabaseSettings, OwnerSettings)
    except WrongSettingsError as error:
        raise click.ClickException(str(error)) from None
    owner_url = OwnerSettings().database_owner_url.get_secret_value()
    application_url = DatabaseSettings().database_url.get_secret_value()
    try:
        migrate_database(owner_url, before_refreshing=partial(click.echo, LOADED))
        asyncio.run(set_application_password(owner_url, application_url))
        discreet = asyncio.run(keep_values_out_of_log(owner_url))
    except UNREACHABLE as error:
        raise click.ClickException(unreachable(error, "RECALLS_DATABASE_OWNER_URL")) from None
    except asyncpg.InsufficientPrivilegeError:
        raise click.ClickException(
            f"The owner may not create or change the role {APPLICATION}: have an administrator of"
            f" the server run 'create role {APPLICATION} login password …', and try again."
        ) from None
    except (InTheWayError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if not discreet:
        wanted = ", ".join(f"{name} = {value}" for name, value in DISCREET.items())
        click.echo(
            "PostgreSQL's own log may quote patients' data, and the owner may not change that: have"
            f" an administrator set {wanted}.",
            err=True,
        )
    click.echo("The database is up to date.")


@main.command()
@click.option(
    "--since",
    required=True,
    metavar="TIME",
    help="A time with its offset, such as 2026-11-29T10:00:00+11:00.",
)
def distrust(since: str) -> None:
    """After a failover or a restore, look up what may have been sent before sending it.

    TIME is the moment to which the database fell back, or an earlier one. Stop the workers first;
    docs/sending.md says what else to do.
    """
    moment = _moment(since)
    try:
        check_settings(OwnerSettings)
    except WrongSettingsError as error:
        raise click.ClickException(str(error)) from None
    try:
        done = asyncio.run(_distrust(OwnerSettings().database_owner_url.get_secret_value(), moment))
    except UNREACHABLE as error:
        raise click.ClickException(unreachable(error, "RECALLS_DATABASE_OWNER_URL")) from None
    except WorkersRunningError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{done.messages} messages will be looked up at the gateway before they're sent,"
        f" starting in ten minutes. {done.runs} automated runs wait for the next sending hours."
    )


async def _distrust(owner_url: str, since: datetime) -> Distrusted:
    async with await open_owner_pool(owner_url, name="distrust", connections=1) as pool:
        return await distrust_since(pool, since)


def _moment(text: str) -> datetime:
    """Return a past time that was given with its UTC offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("this isn't a time", param_hint="--since") from None
    if moment.tzinfo is None:
        raise click.BadParameter("add its UTC offset, or Z", param_hint="--since")
    if moment > datetime.now(UTC):
        raise click.BadParameter("this is in the future", param_hint="--since")
    return moment


end_discreetly()
main()
