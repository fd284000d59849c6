"""Where the API listens."""

from db.settings import Settings


class ApiSettings(Settings):
    """The HTTP server."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
