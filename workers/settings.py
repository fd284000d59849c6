"""A worker's settings besides the database: the queue and the SMS gateway."""

import re
from collections.abc import Iterator
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from core.secrets import GUESSABLE, guessable
from core.settings import ServerSettings, Settings
from core.urls import guessable_password, hosts_of, is_local, password_of, query_parameters, url_of

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NONE = "none"
"""The value of a setting that production needs, if there is nothing to set."""
ORIGIN = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?/?", re.ASCII)
UNCHECKED = frozenset({"ssl_cert_reqs", "ssl_check_hostname"})
"""Options in Valkey's URL that could leave its certificate unchecked."""


class QueueSettings(ServerSettings):
    """How to reach Valkey."""

    valkey_url: Annotated[SecretStr, url_of("redis", "rediss", "unix")] = SecretStr(
        "redis://127.0.0.1:6379/0"
    )
    """Valkey or Redis; it may be lost at any time, because PostgreSQL holds everything."""

    def unfit(self) -> Iterator[str]:
        """Yield also that the password is guessable or missing, or the connection unprotected."""
        yield from super().unfit()
        if guessable_password(self.valkey_url):
            yield f"production needs a password in RECALLS_VALKEY_URL that is not {GUESSABLE}"
        url = urlsplit(self.valkey_url.get_secret_value())
        if all(map(is_local, hosts_of(url.netloc))) or self.is_private("valkey"):
            return
        open_way = url.scheme != "rediss" or UNCHECKED & query_parameters(self.valkey_url).keys()
        if open_way or not password_of(self.valkey_url):
            yield (
                "production needs a RECALLS_VALKEY_URL with rediss://, checked certificates and a"
                " password, because Valkey is elsewhere; or RECALLS_PRIVATE_NETWORK=valkey"
            )


class GatewaySettings(Settings):
    """The SMS gateway: Twilio, or a server that speaks its Messages REST API."""

    gateway_url: str = "https://api.twilio.com"
    """Base URL of the API."""
    gateway_account: str = ""
    """Account SID."""
    gateway_token: SecretStr = SecretStr("")
    """Auth token; it also proves that a receipt comes from the gateway."""
    gateway_other_token: SecretStr = SecretStr("")
    """A second token that proves the same, while one replaces the other."""
    gateway_sender: str = ""
    """Number (E.164), sender name or messaging service (MG…) that messages come from."""
    receipts_url: str | None = None
    """Public URL of this API's /receipts/twilio; without it nothing is known beyond SENT."""
    replies_url: str | None = None
    """Public URL of this API's /replies/twilio; with ``none`` a patient's STOP isn't heard here."""
    gateway_connections: Annotated[int, Field(gt=0)] = 64
    """Messages that one worker hands over at once."""
    gateway_timeout: Positive = 10.0
    """Seconds to wait for an answer, after which the message is UNKNOWN."""
    gateway_rate: Positive | None = None
    """Messages a second that the sender may send, over all workers; unset: the gateway decides."""
    gateway_validity: Annotated[int, Field(ge=1, le=36_000)] = 14_400
    """Seconds that a message may wait in the gateway's own queue: else it could come at night."""
    gateway_lookup: bool = True
    """Whether the gateway has a list of messages, as Twilio has, to look UNKNOWN ones up in."""
    gateway_lookup_after: Positive = 600.0
    """Seconds after which a message missing from the gateway's list was never taken."""
    worker_lease: Annotated[float, Field(ge=1, le=50)] = 15.0
    """Seconds that a worker may hand over what it has claimed; a block waits no longer."""

    @property
    def signing_tokens(self) -> list[str]:
        """The tokens that the gateway may sign its requests to us with."""
        tokens = (self.gateway_token, self.gateway_other_token)
        return [secret for token in tokens if (secret := token.get_secret_value())]

    @field_validator("replies_url")
    @classmethod
    def _none_said(cls, url: str | None) -> str | None:
        return None if url == NONE else url

    @field_validator("gateway_url")
    @classmethod
    def _no_more_than_an_origin(cls, url: str) -> str:
        # It and the account decide which server gets which secret; a list's next page must lie
        # beneath it.
        if not ORIGIN.fullmatch(url):
            raise ValueError("This must be like https://api.example: no path, user or password")
        return url

    @model_validator(mode="after")
    def _no_conclusion_too_early(self) -> Self:
        # Until then a worker may still be writing the message, and the network carrying it.
        earliest = self.worker_lease + 3 * self.gateway_timeout
        if self.gateway_lookup_after < earliest:
            raise ValueError(
                "RECALLS_GATEWAY_LOOKUP_AFTER must be at least RECALLS_WORKER_LEASE"
                f" plus three times RECALLS_GATEWAY_TIMEOUT, {earliest:g} seconds"
            )
        return self

    def unfit(self) -> Iterator[str]:
        """Yield also what no real gateway has, and what would cross the network in the open."""
        yield from super().unfit()
        if missing := [
            f"RECALLS_{name.upper()}"
            for name in ("gateway_account", "gateway_token", "gateway_sender")
            if not getattr(self, name)
        ]:
            yield f"production needs {', '.join(missing)}"
        for name in ("gateway_token", "gateway_other_token"):
            token = getattr(self, name).get_secret_value()
            if token and guessable(token):
                yield f"production needs a RECALLS_{name.upper()} that is not {GUESSABLE}"
        if "replies_url" not in self.model_fields_set:
            yield "production needs RECALLS_REPLIES_URL; with none there, no STOP is heard"
        url = urlsplit(self.gateway_url)
        if url.scheme != "https" or is_local(url.hostname or ""):
            yield "production needs an https RECALLS_GATEWAY_URL that is not local"
        for name in ("receipts_url", "replies_url"):
            url = urlsplit(getattr(self, name) or "https://left.out")
            if url.scheme != "https" or not url.hostname:
                yield f"production needs an https RECALLS_{name.upper()}"
