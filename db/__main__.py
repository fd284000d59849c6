"""The command ``python -m db migrate``."""

import asyncio

import asyncpg
import click

from db.errors import end_discreetly
from db.migrate import migrate as migrate_database
from db.migrate import set_application_password
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
    except UNREACHABLE as error:
        raise click.ClickException(unreachable(error, "RECALLS_DATABASE_OWNER_URL")) from None
    except asyncpg.InsufficientPrivilegeError:
        raise click.ClickException(
            f"The owner may not make or change the role {APPLICATION}: have an administrator of the"
            f" server run 'create role {APPLICATION} login password …', and try again."
        ) from None
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo("The database is up to date.")


end_discreetly()
main()
