"""Where the database is and whether this is production, read from the environment."""

from enum import StrEnum

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """What the software runs for; production refuses what only development may have."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """What every layer's settings have in common: the prefix, and the kind of environment."""

    model_config = SettingsConfigDict(
        env_prefix="RECALLS_",
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,  # a token must not end up in a log
    )

    environment: Environment = Environment.DEVELOPMENT
    """``production`` refuses the simulator and GraphiQL."""


def wrong_settings(error: ValidationError) -> str:
    """Say which settings are wrong and why, without their values."""
    lines = [
        ": ".join([*(f"RECALLS_{str(field).upper()}" for field in problem["loc"]), problem["msg"]])
        for problem in error.errors(include_input=False, include_url=False)
    ]
    return "The settings in the environment are wrong:\n  " + "\n  ".join(lines)


class DatabaseSettings(Settings):
    """How to reach PostgreSQL."""

    database_url: str = "postgresql://recalls_app:recalls@127.0.0.1:5432/recalls"
    """PostgreSQL 18, as a libpq URL, of the role that serves and owns nothing."""
    database_owner_url: str = "postgresql://recalls:recalls@127.0.0.1:5432/recalls"
    """The same database as the owner of the tables: for ``db migrate`` and ``api practice``."""
    database_connections: int = Field(10, ge=2)
    """Connections that one process holds at the most; of an API's, two thirds are for reading."""
