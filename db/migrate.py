"""Migrating a database to the newest schema, and letting the application in."""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
from alembic import command
from alembic.config import Config

from db.scripts import FUNCTIONS
from db.tenancy import APPLICATION

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 60.0
"""Seconds for which a migration tries to get the locks that it needs."""
DISCREET = {
    # Errors quote rows, values and statements: the application gets those, no log does.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # Nor does it get the parameters of slow statements, if those are logged.
    "log_parameter_max_length": "0",
}
"""Server settings that keep people out of PostgreSQL's own log."""
LOADED = (
    "The tables and functions are this release's: its processes may be started now. The columns by"
    " which the list is filtered are being refreshed."
)
"""What ``python -m db migrate`` prints before the part that takes minutes."""
SERVING = f"""
  select quote_ident(rolname) as name from pg_roles
  where rolcanlogin and not rolsuper and pg_has_role(oid, '{APPLICATION}', 'USAGE')
"""
"""The roles that may serve: the application's own, and members that the host added to it."""


class InTheWayError(Exception):
    """Sessions hold what the migration has to lock; nothing was done."""

    def __init__(self, holders: Sequence[str]) -> None:
        named = ", ".join(holders) or "a session that has ended since"
        super().__init__(f"Nothing was done, because transactions stay open: {named}.")


def migrate(
    database_url: str,
    revision: str = "head",
    *,
    functions: Path = FUNCTIONS,
    patience: float = PATIENCE,
    before_refreshing: Callable[[], None] = lambda: None,
) -> None:
    """Run the revisions that ``database_url`` lacks, and load ``functions`` if they differ.

    In one transaction, all or nothing. Then the denormalised columns are refreshed, if they have to
    be; before that, ``before_refreshing`` is called, because this release's processes need not wait
    for it. Others may be at work meanwhile: they wait, or the migration gives way and retries for
    ``patience`` seconds, after which it raises ``InTheWayError``. Must not be called from within a
    running event loop; alembic's environment starts its own.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    config.attributes["functions"] = functions
    config.attributes["patience"] = patience
    config.attributes["before_refreshing"] = before_refreshing
    command.upgrade(config, revision)


async def set_application_password(owner_url: str, application_url: str) -> None:
    """Give the application's role the password in ``application_url``.

    Does nothing if there is none, or if the URL names another role, which the host must then make a
    member of the application's. Raises ``asyncpg.InsufficientPrivilegeError`` if the owner may not.
    """
    parts = urlsplit(application_url)
    if parts.username != APPLICATION or not parts.password:
        return
    connection = await asyncpg.connect(owner_url)
    try:
        verifier = scram_verifier(unquote(parts.password))
        await connection.execute(f"alter role {APPLICATION} password '{verifier}'")
    finally:
        await connection.close()


async def keep_values_out_of_log(owner_url: str) -> bool:
    """Keep the values that the application handles out of PostgreSQL's own log.

    Return False if the owner may not set that; then the host must set ``DISCREET``.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        here = await connection.fetchval("select quote_ident(current_database())")
        for role in await connection.fetch(SERVING):
            for name, value in DISCREET.items():
                await connection.execute(
                    f"alter role {role['name']} in database {here} set {name} = '{value}'"
                )
    except asyncpg.InsufficientPrivilegeError:
        return False
    finally:
        await connection.close()
    return True


def scram_verifier(password: str, *, salt: bytes | None = None, rounds: int = 4096) -> str:
    """Return what PostgreSQL stores of a password (RFC 5803); its log never sees the password.

    Raises ``ValueError`` if the password isn't ASCII, because it would need normalising.
    """
    if not password.isascii():
        raise ValueError("The password in RECALLS_DATABASE_URL may contain only ASCII characters.")
    salt = salt or os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (base64.b64encode(v).decode() for v in (salt, stored, server))
    return f"SCRAM-SHA-256${rounds}:{salt64}${stored64}:{server64}"
