"""The commands ``python -m api token``, which create, list and revoke access tokens."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import click

from api.commands.database import PRACTICE, check, with_database
from api.settings import OidcSettings
from core.identity import Role
from db.tenancy import in_practice
from db.tokens import ReservedNameError, create_token, list_tokens, revoke_token
from db.types import Pool, Row
from schema.mutations.create_token import DAYS, MAX_DAYS

NEVER = "never"


@click.group()
def token() -> None:
    """Create, list and revoke access tokens."""


class _Days(click.ParamType[int | None]):
    """A number of days; None for ``never``."""

    name = f"days, or {NEVER}"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        """Return the days, or None for ``never``."""
        return None if value == NEVER else click.IntRange(1, MAX_DAYS).convert(value, param, ctx)


@token.command("create")
@click.option("--practice", required=True, type=int, help=PRACTICE)
@click.option("--name", required=True, help="The person or connector that will hold it.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option(
    "--expires-in-days",
    type=_Days(),
    default=DAYS,
    show_default=True,
    help=f"'{NEVER}' for a token that is valid until it is revoked, e.g. a connector's.",
)
def token_create(practice: int, name: str, role: str, expires_in_days: int | None) -> None:
    """Create a token and print it; it can't be shown again."""
    check(OidcSettings)
    if OidcSettings().staff_tokens == "refuse" and role != Role.CONNECTOR:
        raise click.BadParameter(
            "it must be CONNECTOR, because people sign in through the identity provider only"
            " (RECALLS_STAFF_TOKENS).",
            param_hint="--role",
        )
    days = expires_in_days
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)

    async def work(pool: Pool) -> str:
        try:
            return await create_token(pool, practice, name, Role(role), expires_at=expires_at)
        except asyncpg.ForeignKeyViolationError as error:
            raise click.ClickException(f"There is no practice {practice}.") from error
        except ReservedNameError as error:
            raise click.ClickException(f"--{error}") from error

    click.echo(with_database(work))


@token.command("list")
@click.option("--practice", required=True, type=int, help=PRACTICE)
def token_list(practice: int) -> None:
    """List a practice's tokens as JSON lines: holder, expiry, last use and state."""

    async def work(pool: Pool) -> list[Row]:
        async with in_practice(pool, practice) as connection:
            return await list_tokens(connection, practice)

    for row in with_database(work):
        click.echo(json.dumps({**row, "state": _state(row)}, default=str))


def _state(row: Row) -> str:
    if row["revoked_at"]:
        return "revoked"
    return "expired" if row["expires_at"] and row["expires_at"] <= datetime.now(UTC) else "good"


@token.command("revoke")
@click.option("--practice", required=True, type=int, help=PRACTICE)
@click.argument("token_id", type=int)
def token_revoke(practice: int, token_id: int) -> None:
    """Revoke the token with the id TOKEN_ID (see 'token list'); it is refused from now on."""
    if not with_database(lambda pool: revoke_token(pool, practice, token_id)):
        raise click.ClickException(f"Practice {practice} has no token {token_id} to revoke.")
    click.echo("Revoked.")
