"""Server URLs in settings: whether they can be parsed, and what protects the connection."""

import os
import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import parse_qs, quote, unquote, urlsplit

from pydantic import AfterValidator, SecretStr

from core.secrets import guessable

HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]*)(:\d{1,5})?", re.ASCII)
"""A host and its port in a URL."""
VOUCHED_FOR = frozenset({"passfile", "sslcert"})
"""Parameters of a database URL that may replace a password."""
VERIFIED = frozenset({"verify-ca", "verify-full"})
"""The ``sslmode``s under which nobody in between can pass for the database, unlike ``require``."""


def url_of(*schemes: str) -> AfterValidator:
    """Return a validator that refuses settings that aren't URLs with one of the schemes.

    It refuses here, and without quoting the URL: a driver would quote the part of a password that
    it took for a port.
    """

    def read(url: SecretStr) -> SecretStr:
        try:
            parts = urlsplit(url.get_secret_value())
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in schemes:
            raise ValueError(f"This must be a URL that begins with {schemes[0]}://")
        hosts = parts.netloc.rpartition("@")[2].split(",")
        if not all(HOST.fullmatch(host) for host in hosts):
            raise ValueError(
                "This URL can't be parsed. Write characters such as / # ? @ % in its password as"
                " %2F %23 %3F %40 %25."
            )
        return url

    return AfterValidator(read)


DatabaseUrl = Annotated[SecretStr, url_of("postgresql", "postgres")]


def with_password(url: SecretStr, password: str) -> SecretStr:
    """Return the URL with this password in place of its own."""
    parts = urlsplit(url.get_secret_value())
    before, _, hosts = parts.netloc.rpartition("@")
    user = before.partition(":")[0]
    if not user:
        raise ValueError("This must name its role, as in postgresql://role@host/database")
    netloc = f"{user}:{quote(password, safe='')}@{hosts}"
    return SecretStr(parts._replace(netloc=netloc).geturl())


def query_parameters(url: SecretStr) -> dict[str, str]:
    """Return a URL's query parameters; of repeated ones the last, as drivers do."""
    query = urlsplit(url.get_secret_value()).query
    return {name: values[-1] for name, values in parse_qs(query).items()}


def password_of(url: SecretStr) -> str:
    """Return the password in a URL; empty if it has none."""
    given = unquote(urlsplit(url.get_secret_value()).password or "")
    return given or query_parameters(url).get("password", "")


def guessable_password(url: SecretStr) -> bool:
    """Return whether a URL has a password that is easy to guess."""
    parts, given = urlsplit(url.get_secret_value()), password_of(url)
    return bool(given) and guessable(given, parts.username or "", parts.path.strip("/"))


def unprotected(url: SecretStr) -> bool:
    """Return whether a database is open to anybody who can reach it or guess its password."""
    parts = urlsplit(url.get_secret_value())
    if password_of(url):
        return guessable_password(url)
    if kept := os.environ.get("PGPASSWORD"):
        return guessable(kept, parts.username or "", parts.path.strip("/"))
    # The system knows who is at the other end of a Unix socket.
    by_socket = all(not host or host.startswith("/") for host in _database_hosts(url))
    other_means = (
        VOUCHED_FOR & query_parameters(url).keys()
        or {"PGPASSFILE", "PGSSLCERT"} & os.environ.keys()
    )
    return not (by_socket or other_means)


def unencrypted(url: SecretStr) -> bool:
    """Return whether a database connection leaves this machine and could be intercepted."""
    mode = query_parameters(url).get("sslmode") or os.environ.get("PGSSLMODE")
    return mode not in VERIFIED and not all(map(is_local, _database_hosts(url)))


def hosts_of(netloc: str) -> list[str]:
    """Return the hosts that a URL names between ``//`` and the next ``/``."""
    found = (HOST.fullmatch(host) for host in netloc.rpartition("@")[2].split(","))
    return [unquote(host[1]).strip("[]") for host in found if host]


def is_local(host: str) -> bool:
    """Return whether a host is this machine, or a Unix socket on it."""
    if not host or host.startswith(("/", "@")) or f".{host}".endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _database_hosts(url: SecretStr) -> list[str]:
    """Return where the driver looks for a database; ``*`` (any host) if a service file decides."""
    if "service" in query_parameters(url) or "PGSERVICE" in os.environ:
        return ["*"]
    netloc = urlsplit(url.get_secret_value()).netloc.rpartition("@")[2]
    named = netloc or query_parameters(url).get("host") or os.environ.get("PGHOST", "")
    return hosts_of(named)
