"""URLs of servers in settings: whether they can be read, and whether their passwords protect."""

import os
import re
from typing import Annotated
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import AfterValidator, SecretStr

from db.secret import guessable

HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]*)(:\d{1,5})?", re.ASCII)
"""A host and its port in a URL."""
VOUCHED_FOR = frozenset({"passfile", "sslcert"})
"""What may stand in a database's URL in a password's place."""


def url_of(*schemes: str) -> AfterValidator:
    """Give what refuses, for a setting, whatever is not a URL of one of the schemes.

    Here, and without quoting it: a driver would quote the part of a password that it took for a
    port.
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
                "This is no URL that can be read. Write characters such as / # ? @ % of a password"
                " in it as %2F %23 %3F %40 %25."
            )
        return url

    return AfterValidator(read)


DatabaseUrl = Annotated[SecretStr, url_of("postgresql", "postgres")]


def guessable_password(url: SecretStr) -> bool:
    """Tell whether somebody could guess the password in a URL, if it has one."""
    parts = urlsplit(url.get_secret_value())
    given = parse_qs(parts.query).get("password", [unquote(parts.password or "")])[0]
    return bool(given) and guessable(given, parts.username or "", parts.path.strip("/"))


def unprotected(url: SecretStr) -> bool:
    """Tell whether a database is open to whoever can reach it, or can guess its password."""
    parts = urlsplit(url.get_secret_value())
    asked = parse_qs(parts.query)
    if parts.password or "password" in asked:
        return guessable_password(url)
    if kept := os.environ.get("PGPASSWORD"):
        return guessable(kept, parts.username or "", parts.path.strip("/"))
    hosts = asked.get("host", [parts.netloc.rpartition("@")[2]])
    # The system knows who is at the other end of a Unix socket.
    by_socket = all(not host or host.startswith("/") for host in hosts)
    by_other_means = VOUCHED_FOR & asked.keys() or {"PGPASSFILE", "PGSSLCERT"} & os.environ.keys()
    return not (by_socket or by_other_means)
