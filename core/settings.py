"""Settings of the database and the kind of environment, from the environment or files."""

import logging
import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from core.secrets import GUESSABLE
from core.urls import DatabaseUrl, unencrypted, unprotected, with_password

OURS = ("api", "schema", "rowql", "workers", "db", "core")
"""Our loggers."""
SECRETS = "RECALLS_SECRETS_DIR", "/run/secrets"
"""The variable that names the folder of settings files, and that folder's default."""


class Environment(StrEnum):
    """What the software runs for; production refuses what only development may use."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class WrongSettingsError(Exception):
    """Wrong settings in the environment; the message says which and why, never a value."""


class Settings(BaseSettings):
    """What every layer's settings share: the prefix, and the kind of environment."""

    model_config = SettingsConfigDict(
        env_prefix="RECALLS_",
        env_file=".env",
        env_ignore_empty=True,  # as if it were unset
        extra="ignore",
        hide_input_in_errors=True,  # a token must not end up in a log
    )

    environment: Environment = Environment.DEVELOPMENT
    """``production`` refuses the simulator, guessable secrets, plain http and debugging."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read files last: ``recalls_gateway_token`` in the folder is RECALLS_GATEWAY_TOKEN."""
        folder = Path(os.environ.get(*SECRETS))
        if folder.is_dir():
            file_secret_settings = SecretsSettingsSource(settings_cls, folder)
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.environment is Environment.PRODUCTION and (reasons := list(self.unfit())):
            raise ValueError("\n".join(reasons))
        return self

    def unfit(self) -> Iterator[str]:
        """Yield why production must not start; reasons name settings, never values."""
        if _debugging():
            yield (
                "production runs without debugging, which logs the data that it handles: unset"
                " PYTHONASYNCIODEBUG and PYTHONDEVMODE, and log nothing below INFO"
            )


def check_settings(*kinds: type[Settings]) -> None:
    """Check settings of these kinds; raises ``WrongSettingsError`` with every problem."""
    wrong: list[str] = []
    for kind in kinds:
        try:
            kind()
        except ValidationError as error:
            wrong += _lines(error)
        except SettingsError as error:  # whose text names a field and a source
            wrong.append(f"{error} ({type(error.__cause__).__name__})")
    if wrong:
        told = "\n  ".join(dict.fromkeys(wrong))  # fields that two kinds share, once
        raise WrongSettingsError(f"The settings in the environment are wrong:\n  {told}")


def _lines(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False):
        fields = [f"RECALLS_{str(field).upper()}" for field in problem["loc"]]
        for reason in problem["msg"].removeprefix("Value error, ").splitlines():
            yield ": ".join([*fields, reason])


def _debugging() -> bool:
    """Return whether asyncio logs what it works on, or our own loggers log all they can."""
    return (
        sys.flags.dev_mode
        or bool(os.environ.get("PYTHONASYNCIODEBUG"))
        or any(logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in OURS)
    )


class ServerSettings(Settings):
    """What the settings of all servers that we connect to share."""

    private_network: str = ""
    """``database``, ``valkey``, or both with a comma: those on a network that nobody else is on."""

    @field_validator("private_network")
    @classmethod
    def _known(cls, names: str) -> str:
        if _listed(names) - {"database", "valkey"}:
            raise ValueError("Only database and valkey can be named here")
        return names

    def is_private(self, server: str) -> bool:
        """Return whether we reach the server over a network that nobody else is on."""
        return server in _listed(self.private_network)


def _listed(names: str) -> set[str]:
    return {name.strip() for name in names.split(",") if name.strip()}


class _DatabaseAs(ServerSettings):
    """How to reach PostgreSQL as one of its roles."""

    def _refused(self, setting: str, url: SecretStr) -> Iterator[str]:
        if unprotected(url):
            yield f"production needs a password in RECALLS_{setting}_URL that is not {GUESSABLE}"
        if unencrypted(url) and not self.is_private("database"):
            yield (
                f"production needs sslmode=verify-full (or verify-ca) in RECALLS_{setting}_URL,"
                " because the database is elsewhere; or RECALLS_PRIVATE_NETWORK=database"
            )


def _with_password(url: SecretStr, info: ValidationInfo) -> SecretStr:
    """Return the URL as read, with the password from the setting that holds it."""
    password = info.data.get(f"{str(info.field_name).removesuffix('_url')}_password")
    return with_password(url, password.get_secret_value()) if password else url


class DatabaseSettings(_DatabaseAs):
    """How to reach PostgreSQL."""

    database_password: SecretStr | None = None
    """That role's password, not URL-encoded; replaces the one in the URL."""
    database_url: DatabaseUrl = SecretStr(
        "postgresql://recalls_app:recalls@127.0.0.1:5432/recalls"  # production refuses it
    )
    """PostgreSQL 18, as a libpq URL, for the serving role, which owns nothing."""
    database_connections: int = Field(14, ge=5)
    """Maximum connections per process; an API needs five, one of each kind."""

    _whole = field_validator("database_url")(_with_password)

    def unfit(self) -> Iterator[str]:
        """Yield also if the application's password can be guessed, or read in transit."""
        yield from super().unfit()
        yield from self._refused("DATABASE", self.database_url)


class OwnerSettings(_DatabaseAs):
    """How to reach PostgreSQL as the tables' owner, for the commands that need it."""

    database_owner_password: SecretStr | None = None
    """The owner's password, not URL-encoded; replaces the one in the URL."""
    database_owner_url: DatabaseUrl = SecretStr(
        "postgresql://recalls:recalls@127.0.0.1:5432/recalls"
    )
    """The same database as the tables' owner: for ``python -m db`` and ``api practice``."""

    _whole = field_validator("database_owner_url")(_with_password)

    def unfit(self) -> Iterator[str]:
        """Yield also if the owner's password can be guessed, or read in transit."""
        yield from super().unfit()
        yield from self._refused("DATABASE_OWNER", self.database_owner_url)
