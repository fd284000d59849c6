"""The command line: ``python -m api serve``, ``practice``, ``token`` and ``import``."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import asyncpg
import click
import uvicorn

from api.commands.check_documents import check_documents
from api.importing.command import import_command
from api.manifests import ManifestError, documents_of
from api.serving import LOGGING, OPTIONS
from api.settings import ApiSettings, OidcSettings
from core.identity import Role
from core.logging import end_discreetly, without_values
from core.settings import (
    DatabaseSettings,
    Environment,
    OwnerSettings,
    Settings,
    WrongSettingsError,
    check_settings,
)
from db.pool import UNREACHABLE, UnguardedError, open_owner_pool, open_pool, unreachable
from db.practices import (
    NewPractice,
    UnknownTimeZoneError,
    create_practice,
    list_practices,
)
from db.tenancy import in_practice
from db.tokens import ReservedNameError, create_token, demo_tokens_left, list_tokens, revoke_token
from db.types import Pool, Row
from schema.mutations.create_token import DAYS, MAX_DAYS
from schema.types.enums import PmsProduct
from workers.settings import GatewaySettings, QueueSettings

T = TypeVar("T")
NEVER = "never"
PRACTICE = "Its number; 'practice list' shows it."


def with_database(work: Callable[[Pool], Awaitable[T]]) -> T:
    """Run ``work`` with a pool; report an unreachable database as a plain error."""
    _check(DatabaseSettings)
    url = DatabaseSettings().database_url.get_secret_value()
    return _run(open_pool(url, name="command", connections=1), "RECALLS_DATABASE_URL", work)


def with_owner(work: Callable[[Pool], Awaitable[T]]) -> T:
    """Run ``work`` like ``with_database``, but as the owner of the tables."""
    _check(OwnerSettings)
    url = OwnerSettings().database_owner_url.get_secret_value()
    opening = open_owner_pool(url, name="command", connections=1)
    return _run(opening, "RECALLS_DATABASE_OWNER_URL", work)


def _run(
    opening: Coroutine[Any, Any, Pool], setting: str, work: Callable[[Pool], Awaitable[T]]
) -> T:
    async def run() -> T:
        try:
            pool = await opening
        except UNREACHABLE as error:
            raise click.ClickException(unreachable(error, setting)) from None
        except UnguardedError as error:
            raise click.ClickException(str(error)) from None
        async with pool:
            try:
                return await work(pool)
            except asyncpg.PostgresError as error:
                # Its message may quote a row.
                raise click.ClickException(without_values(error)) from None

    return asyncio.run(run())


def _check(*kinds: type[Settings]) -> None:
    try:
        check_settings(*kinds)
    except WrongSettingsError as error:
        raise click.ClickException(str(error)) from None


@click.group()
def main() -> None:
    """Recalls: serve the API, manage practices and tokens, and import files."""


main.add_command(import_command)
main.add_command(check_documents)


@main.command()
def serve() -> None:
    """Serve the API with RECALLS_PROCESSES processes, until SIGTERM or Ctrl-C."""
    _check(ApiSettings, OidcSettings, DatabaseSettings, QueueSettings, GatewaySettings)
    settings = ApiSettings()
    try:
        documents_of(settings)
    except ManifestError as error:
        raise click.ClickException(f"Trusted documents: {error}") from None
    if with_database(demo_tokens_left) and settings.environment is Environment.PRODUCTION:
        raise click.ClickException(
            "This database has demo tokens, which are published in the demo's files. Revoke them"
            " ('token list' shows \"for_demo\": true), or start with an empty database."
        )
    uvicorn.run(
        "api.app:make_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.processes,
        loop="uvloop",
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        log_config=LOGGING,
        timeout_graceful_shutdown=5,
        **OPTIONS,
    )


@main.group()
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


@main.group()
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
    _check(OidcSettings)
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


if __name__ == "__main__":
    end_discreetly()
    main()
