"""What a worker needs besides the database: the queue and the SMS gateway."""

from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator

from db.settings import Environment, Settings


class QueueSettings(Settings):
    """How to reach Valkey."""

    valkey_url: str = "redis://127.0.0.1:6379/0"
    """Valkey or Redis; it may be lost at any time, PostgreSQL holds everything."""


class GatewaySettings(Settings):
    """The SMS gateway: Twilio, or what speaks its Messages REST API."""

    gateway_url: str = "https://api.twilio.com"
    """Base URL of the API."""
    gateway_account: str = ""
    """Account SID."""
    gateway_token: SecretStr = SecretStr("")
    """Auth token; it also proves that a receipt comes from the gateway."""
    gateway_sender: str = ""
    """Number (E.164), sender name or messaging service (MG…) that messages come from."""
    receipts_url: str | None = None
    """Public URL of this API's /receipts/twilio; without it nothing is known beyond SENT."""
    gateway_connections: int = 64
    """Messages that one worker hands over at the same time."""
    gateway_timeout: float = 10.0
    """Seconds after which an answer is no longer waited for, and the message is UNKNOWN."""

    @model_validator(mode="after")
    def _real_in_production(self) -> Self:
        if self.environment is not Environment.PRODUCTION:
            return self
        missing = [
            f"RECALLS_{name.upper()}"
            for name in ("gateway_account", "gateway_token", "gateway_sender")
            if not getattr(self, name)
        ]
        if missing:
            raise ValueError(f"production needs {', '.join(missing)}")
        url = urlsplit(self.gateway_url)
        if url.scheme != "https" or _is_local(url.hostname or ""):
            raise ValueError("production needs an https RECALLS_GATEWAY_URL that is not local")
        return self


def _is_local(host: str) -> bool:
    """Tell whether the host is this machine: the simulator lives there and nowhere else."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
