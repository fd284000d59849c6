"""The command ``python -m db migrate``."""

import asyncio

import asyncpg
import click

from db.migrate import migrate as migrate_database
from db.migrate import set_application_password
from db.pool import UNREACHABLE, unreachable
from db.settings import DatabaseSettings
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
    settings = DatabaseSettings()
    owner_url = settings.database_owner_url
    try:
        migrate_database(owner_url)
        asyncio.run(set_application_password(owner_url, settings.database_url))
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


main()
