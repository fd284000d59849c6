"""Where the database is and whether this is production, read from the environment."""

from enum import StrEnum

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


class DatabaseSettings(Settings):
    """How to reach PostgreSQL."""

    database_url: str = "postgresql://recalls:recalls@127.0.0.1:5432/recalls"
    """PostgreSQL 16 or newer, as a libpq URL."""
    database_connections: int = 10
    """Connections that one process holds at the most."""
