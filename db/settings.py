"""Where the database is and whether this is production, read from the environment."""

import logging
import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.secret import GUESSABLE
from db.urls import DatabaseUrl, unprotected

OURS = ("api", "schema", "workers", "db")
"""Our loggers."""


class Environment(StrEnum):
    """What the software runs for; production refuses what only development may have."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class WrongSettingsError(Exception):
    """Settings in the environment are wrong; the message says which and why, never a value."""


class Settings(BaseSettings):
    """What every layer's settings have in common: the prefix, and the kind of environment."""

    model_config = SettingsConfigDict(
        env_prefix="RECALLS_",
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,  # a token must not end up in a log
    )

    environment: Environment = Environment.DEVELOPMENT
    """``production`` refuses the simulator, guessable secrets, plain http and debugging."""

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.environment is Environment.PRODUCTION and (reasons := list(self.unfit())):
            raise ValueError("\n".join(reasons))
        return self

    def unfit(self) -> Iterator[str]:
        """Say what production doesn't start with, naming the settings and no value."""
        if _debugging():
            yield (
                "production runs without debugging, which logs what is worked on: unset"
                " PYTHONASYNCIODEBUG and PYTHONDEVMODE, and log nothing below INFO"
            )


def check_settings(*kinds: type[Settings]) -> None:
    """Read settings of these kinds; raises ``WrongSettingsError`` with all that is wrong."""
    wrong: list[str] = []
    for kind in kinds:
        try:
            kind()
        except ValidationError as error:
            wrong += _lines(error)
    if wrong:
        told = "\n  ".join(dict.fromkeys(wrong))  # what two kinds have in common, once
        raise WrongSettingsError(f"The settings in the environment are wrong:\n  {told}")


def _lines(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        fields = [f"RECALLS_{str(field).upper()}" for field in problem["loc"]]
        for reason in problem["msg"].removeprefix("Value error, ").splitlines():
            yield ": ".join([*fields, reason])


def _debugging() -> bool:
    """Tell whether asyncio would log what it works on, or our own loggers all that they could."""
    return (
        sys.flags.dev_mode
        or bool(os.environ.get("PYTHONASYNCIODEBUG"))
        or any(logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in OURS)
    )


class DatabaseSettings(Settings):
    """How to reach PostgreSQL."""

    database_url: DatabaseUrl = SecretStr(
        "postgresql://recalls_app:recalls@127.0.0.1:5432/recalls"  # production refuses it
    )
    """PostgreSQL 18, as a libpq URL, of the role that serves and owns nothing."""
    database_connections: int = Field(14, ge=5)
    """Connections that one process holds at the most; an API needs five, one of each kind."""

    def unfit(self) -> Iterator[str]:
        """Say also that the application's password could be guessed."""
        yield from super().unfit()
        if unprotected(self.database_url):
            yield f"production needs a password in RECALLS_DATABASE_URL that is not {GUESSABLE}"


class OwnerSettings(Settings):
    """How to reach PostgreSQL as the owner of the tables, for the commands that do."""

    database_owner_url: DatabaseUrl = SecretStr(
        "postgresql://recalls:recalls@127.0.0.1:5432/recalls"
    )
    """The same database as the owner of the tables: for ``python -m db`` and ``api practice``."""

    def unfit(self) -> Iterator[str]:
        """Say also that the owner's password could be guessed."""
        yield from super().unfit()
        if unprotected(self.database_owner_url):
            yield (
                f"production needs a password in RECALLS_DATABASE_OWNER_URL that is not {GUESSABLE}"
            )
