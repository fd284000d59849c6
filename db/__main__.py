"""The command ``python -m db migrate``."""

import asyncio

import asyncpg
import click

from db.errors import end_discreetly
from db.migrate import DISCREET, InTheWayError, keep_values_out_of_log, set_application_password
from db.migrate import migrate as migrate_database
from db.pool import UNREACHABLE, unreachable
from db.settings import DatabaseSettings, OwnerSettings, WrongSettingsError, check_settings
from db.tenancy import APPLICATION


@click.group()
def main() -> None:
    """Look after the database that RECALLS_DATABASE_OWNER_URL names."""


@main.command()
def migrate() -> None:
    """Bring the database to this release's schema; safe to run at every start.

    It also makes the role that serving processes connect as, with the password that
    RECALLS_DATABASE_URL has.
    """
    try:
        check_settings(DatabaseSettings, OwnerSettings)
    except WrongSettingsError as error:
        raise click.ClickException(str(error)) from None
    owner_url = OwnerSettings().database_owner_url.get_secret_value()
    application_url = DatabaseSettings().database_url.get_secret_value()
    try:
        migrate_database(owner_url)
        asyncio.run(set_application_password(owner_url, application_url))
        discreet = asyncio.run(keep_values_out_of_log(owner_url))
    except UNREACHABLE as error:
        raise click.ClickException(unreachable(error, "RECALLS_DATABASE_OWNER_URL")) from None
    except asyncpg.InsufficientPrivilegeError:
        raise click.ClickException(
            f"The owner may not make or change the role {APPLICATION}: have an administrator of the"
            f" server run 'create role {APPLICATION} login password …', and try again."
        ) from None
    except (InTheWayError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if not discreet:
        wanted = ", ".join(f"{name} = {value}" for name, value in DISCREET.items())
        click.echo(
            "PostgreSQL's own log may quote patients, and the owner may not change that: have an"
            f" administrator set {wanted}.",
            err=True,
        )
    click.echo("The database is up to date.")


end_discreetly()
main()
