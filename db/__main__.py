"""The command ``python -m db migrate``."""

import click

from db.migrate import migrate as migrate_database
from db.pool import UNREACHABLE, unreachable
from db.settings import DatabaseSettings


@click.group()
def main() -> None:
    """Look after the database that RECALLS_DATABASE_URL names."""


@main.command()
def migrate() -> None:
    """Bring the database to this release's schema; safe to run at every start."""
    try:
        migrate_database(DatabaseSettings().database_url)
    except UNREACHABLE as error:
        raise click.ClickException(unreachable(error)) from None
    click.echo("The database is up to date.")


main()
