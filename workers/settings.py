"""What a worker needs besides the database: the queue and the SMS gateway."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from db.secret import GUESSABLE, guessable
from db.settings import Settings
from db.urls import guessable_password, url_of

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class QueueSettings(Settings):
    """How to reach Valkey."""

    valkey_url: Annotated[SecretStr, url_of("redis", "rediss", "unix")] = SecretStr(
        "redis://127.0.0.1:6379/0"
    )
    """Valkey or Redis; it may be lost at any time, PostgreSQL holds everything."""

    def unfit(self) -> Iterator[str]:
        """Say also that a password could be guessed; it holds ids only, and may go without one."""
        yield from super().unfit()
        if guessable_password(self.valkey_url):
            yield f"production needs a password in RECALLS_VALKEY_URL that is not {GUESSABLE}"


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
    replies_url: str | None = None
    """Public URL of this API's /replies/twilio; without it a patient's STOP isn't heard here."""
    gateway_connections: Annotated[int, Field(gt=0)] = 64
    """Messages that one worker hands over at the same time."""
    gateway_timeout: Positive = 10.0
    """Seconds after which an answer is no longer waited for, and the message is UNKNOWN."""
    gateway_rate: Positive | None = None
    """Messages a second that the sender may send, over all workers; left out: the gateway says."""
    gateway_validity: Annotated[int, Field(ge=1, le=36_000)] = 14_400
    """Seconds that a message may wait in the gateway's own queue: it would come at night else."""
    gateway_lookup: bool = True
    """Whether the gateway has a list of messages to look UNKNOWN ones up in, as Twilio has."""
    gateway_lookup_after: Positive = 600.0
    """Seconds after which a message that the gateway's list doesn't show was never taken."""
    worker_lease: Annotated[float, Field(ge=1, le=50)] = 15.0
    """Seconds that a worker may hand over what it has claimed; a block waits no longer for it."""

    @model_validator(mode="after")
    def _no_conclusion_too_early(self) -> Self:
        # Until then a worker may still be writing it, and the network carrying it.
        earliest = self.worker_lease + 3 * self.gateway_timeout
        if self.gateway_lookup_after < earliest:
            raise ValueError(
                "RECALLS_GATEWAY_LOOKUP_AFTER must be at least RECALLS_WORKER_LEASE"
                f" and three times RECALLS_GATEWAY_TIMEOUT together, {earliest:g} seconds"
            )
        return self

    def unfit(self) -> Iterator[str]:
        """Say also what no real gateway has, and what would go over the network in the open."""
        yield from super().unfit()
        if missing := [
            f"RECALLS_{name.upper()}"
            for name in ("gateway_account", "gateway_token", "gateway_sender")
            if not getattr(self, name)
        ]:
            yield f"production needs {', '.join(missing)}"
        token = self.gateway_token.get_secret_value()
        if token and guessable(token):
            yield f"production needs a RECALLS_GATEWAY_TOKEN that is not {GUESSABLE}"
        url = urlsplit(self.gateway_url)
        if url.scheme != "https" or _is_local(url.hostname or ""):
            yield "production needs an https RECALLS_GATEWAY_URL that is not local"
        for name in ("receipts_url", "replies_url"):
            url = urlsplit(getattr(self, name) or "https://left.out")
            if url.scheme != "https" or not url.hostname:
                yield f"production needs an https RECALLS_{name.upper()}"


def _is_local(host: str) -> bool:
    """Tell whether the host is this machine: the simulator lives there and nowhere else."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
