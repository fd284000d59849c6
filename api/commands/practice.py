"""The commands ``python -m api practice``, which create and list practices."""

import asyncpg
import click

from api.commands.database import with_owner
from db.practices import (
    NewPractice,
    UnknownTimeZoneError,
    create_practice,
    list_practices,
)
from db.types import Pool
from schema.types.enums import PmsProduct


@click.group()
def practice() -> None:
    """Create and list practices, as the owner of the tables (RECALLS_DATABASE_OWNER_URL)."""


@practice.command("create")
@click.option("--name", required=True, help="Its name, as it appears in messages.")
@click.option("--phone", required=True, help="Its phone number, as it appears in messages.")
@click.option("--pms", required=True, type=click.Choice([product.value for product in PmsProduct]))
@click.option("--time-zone", default="Australia/Sydney", show_default=True, help="Its IANA name.")
@click.option(
    "--region",
    default="AU",
    show_default=True,
    help="Country (ISO 3166) of numbers typed without a prefix.",
)
def practice_create(name: str, phone: str, pms: str, time_zone: str, region: str) -> None:
    """Create a practice and print its number, which the other commands take."""
    new = NewPractice(name, time_zone, region, pms, phone)

    async def work(pool: Pool) -> int:
        try:
            return await create_practice(pool, new)
        except UnknownTimeZoneError as error:
            message = "--time-zone must be the name of a place, such as Australia/Sydney"
            raise click.ClickException(message) from error
        except asyncpg.PostgresError as error:
            message = "One of these isn't valid: --time-zone, --region, --name"
            raise click.ClickException(message) from error

    click.echo(with_owner(work))


@practice.command("list")
def practice_list() -> None:
    """List the practices: number, PMS, name."""
    for row in with_owner(list_practices):
        click.echo(f"{row['id']}\t{row['pms_product']}\t{row['name']}")
