"""Where the API listens, and whom it lets in."""

from ipaddress import ip_address
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from db.settings import Environment, Settings


class ApiSettings(Settings):
    """The HTTP server."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    processes: int = Field(1, ge=1)
    """Processes that share the port: as many as there are cores to spare."""
    query_seconds: float = Field(10.0, gt=0)
    """Seconds after which a query is given up, and its SQL with it."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses, with commas between them, whose X-Forwarded-For says where a client is."""


class OidcSettings(Settings):
    """The identity provider that staff sign in through; none where ``oidc_issuer`` is empty."""

    oidc_issuer: str = ""
    """Its issuer URL, exactly as its tokens say it."""
    oidc_audience: str = ""
    """The audience that tokens for this API are made for."""
    oidc_client_id: str = ""
    """What the portal calls itself when people sign in there."""
    oidc_algorithm: Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"] = "RS256"
    """How its tokens are signed; no other way is taken."""
    oidc_practice_claim: str = "recalls_practice"
    """The claim that holds the practice's number."""
    oidc_role_claim: str = "recalls_role"
    """The claim that holds ADMIN, RECEPTIONIST or CONNECTOR."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not self.oidc_audience:
            raise ValueError("RECALLS_OIDC_ISSUER needs RECALLS_OIDC_AUDIENCE beside it")
        if not self.trusts(self.oidc_issuer):
            raise ValueError("RECALLS_OIDC_ISSUER must be an https URL")
        return self

    def trusts(self, url: str) -> bool:
        """Tell whether a URL's answer can be believed: https, or this machine in development."""
        parts = urlsplit(url)
        if parts.scheme == "https":
            return bool(parts.hostname)
        try:
            local = ip_address(parts.hostname or "").is_loopback
        except ValueError:
            local = parts.hostname == "localhost"
        return parts.scheme == "http" and local and self.environment is Environment.DEVELOPMENT
