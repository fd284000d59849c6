"""Where the API listens."""

from pydantic import Field

from db.settings import Settings


class ApiSettings(Settings):
    """The HTTP server."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    processes: int = Field(1, ge=1)
    """Processes that share the port: as many as there are cores to spare."""
