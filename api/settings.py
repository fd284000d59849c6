"""Settings of the HTTP server and of sign-in."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from api.claims import Grants
from core.settings import Environment, Settings
from workers.settings import NONE

HTTP = ("http", "https")


class ApiSettings(Settings):
    """The HTTP server."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8000
    """Port to listen on."""
    processes: int = Field(1, ge=1)
    """Processes that share the port: one for each core to spare."""
    query_seconds: float = Field(10.0, gt=0)
    """Seconds after which a query and its SQL are cancelled."""
    rate: float = Field(50.0, ge=0, allow_inf_nan=False)
    """Operations a second for each token or person, over all processes; 0 sets no limit."""
    trusted_documents: Path | None = None
    """A manifest of trusted documents besides the portal's: JSON, from SHA-256 ids to texts."""
    other_documents: Literal["allow", "refuse"] | None = None
    """Whether other documents may be run; if unset, only in development."""
    trusted_proxies: str | None = None
    """Addresses and networks, separated by commas, whose X-Forwarded-For is trusted, or ``none``.

    If unset, this machine's in development.
    """
    origins: str = ""
    """Origins besides the API's own whose pages may open WebSockets, separated by commas."""

    session_idle: int = Field(60, ge=2, le=1440)
    """Minutes after which an unused session ends."""
    session_hours: int = Field(12, ge=1, le=168)
    """Hours after which a session ends even if it is in use."""
    hosts: str = ""
    """Hosts that requests may be for, separated by commas; if unset, any."""

    @property
    def origins_allowed(self) -> list[str]:
        """The origins as a list."""
        return [origin.strip() for origin in self.origins.split(",") if origin.strip()]

    @property
    def hosts_allowed(self) -> list[str]:
        """The hosts as a list, in lower case."""
        return [host.strip().lower() for host in self.hosts.split(",") if host.strip()]

    @property
    def proxies(self) -> list[str]:
        """The addresses and networks whose X-Forwarded-For is trusted, as a list."""
        if self.trusted_proxies == NONE:
            return []
        return [proxy.strip() for proxy in (self.trusted_proxies or "127.0.0.1").split(",")]

    @field_validator("trusted_proxies")
    @classmethod
    def _some(cls, proxies: str | None) -> str | None:
        # uvicorn treats whatever it can't parse as a name, which would match nobody.
        if proxies not in (None, NONE) and not all(map(_is_proxy, proxies.split(","))):
            raise ValueError("This must be addresses or networks (10.0.0.5,10.1.0.0/24), or none")
        return proxies

    def unfit(self) -> Iterator[str]:
        """Also yield what would leave clients unlimited, or count them all as one."""
        yield from super().unfit()
        if self.trusted_proxies is None:
            yield (
                "production needs RECALLS_TRUSTED_PROXIES: the addresses or networks of the proxy"
                " in front, or none if there is none"
            )
        if not self.rate:
            yield "production needs a RECALLS_RATE above 0"
        if any(not origin.startswith("https://") for origin in self.origins_allowed):
            yield "production needs https in RECALLS_ORIGINS"

    @model_validator(mode="after")
    def _exact(self) -> Self:
        for origin in self.origins_allowed:
            parts = urlsplit(origin)
            if origin != f"{parts.scheme}://{parts.netloc}" or parts.scheme not in HTTP:
                raise ValueError("RECALLS_ORIGINS must be origins, such as https://app.example")
        for host in self.hosts_allowed:
            if urlsplit(f"//{host}").hostname != host.strip("[]") or " " in host:
                raise ValueError("RECALLS_HOSTS must be hosts, such as recalls.example")
        return self

    @property
    def allows_other_documents(self) -> bool:
        """Whether documents that are in no manifest may be run."""
        if self.other_documents is None:
            return self.environment is Environment.DEVELOPMENT
        return self.other_documents == "allow"


def _is_proxy(proxy: str) -> bool:
    """Return whether this is an address or a network, but not all addresses."""
    try:
        return bool(ip_network(proxy.strip()).prefixlen)
    except ValueError:
        return False


class OidcSettings(Settings):
    """The identity provider that staff sign in through; none if ``oidc_issuer`` is empty."""

    oidc_issuer: str = ""
    """Its issuer URL, exactly as in its tokens."""
    oidc_audience: str = ""
    """The audience of tokens for this API; if several, separated by commas, any of them."""
    oidc_client_id: str = ""
    """The portal's client id at the provider."""
    oidc_scope: str = "openid profile"
    """Scopes that the portal requests; some providers issue an API's tokens only if it is named."""
    oidc_algorithm: Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"] = "RS256"
    """The signature algorithm of its tokens; no other is accepted."""
    oidc_leeway: float = Field(10.0, ge=0, le=300)
    """Seconds by which its clock may differ from ours."""
    oidc_longest: float = Field(86_400.0, gt=0, le=604_800)
    """The longest lifetime of its tokens, from issue to expiry, in seconds."""
    oidc_practice_claim: str = "recalls_practice"
    """The claim that holds the practice's number: its name, or a dotted path to it."""
    oidc_role_claim: str = "recalls_role"
    """The claim that holds roles or groups: its name, or a dotted path to it."""
    oidc_roles: str = ""
    """What roles and groups grant: ``desk=RECEPTIONIST,desk-3=3/RECEPTIONIST``."""
    oidc_groups: str = ""
    """The pattern of group names that hold both, such as ``recalls/{practice}/{role}``."""
    staff_tokens: Literal["allow", "refuse"] = "allow"
    """Whether admins and receptionists may also sign in with access tokens."""

    @property
    def audiences(self) -> list[str]:
        """The audiences as a list."""
        return [each.strip() for each in self.oidc_audience.split(",") if each.strip()]

    @property
    def grants(self) -> Grants:
        """What roles and groups grant. Raises ``ValueError`` if the settings can't be parsed."""
        return Grants.read(self.oidc_roles, self.oidc_groups)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.oidc_issuer:
            if self.staff_tokens == "refuse":
                raise ValueError("RECALLS_STAFF_TOKENS=refuse needs RECALLS_OIDC_ISSUER")
            return self
        if not self.audiences:
            raise ValueError("RECALLS_OIDC_ISSUER needs RECALLS_OIDC_AUDIENCE")
        if not self.trusts(self.oidc_issuer):
            raise ValueError("RECALLS_OIDC_ISSUER must be an https URL")
        if self.oidc_client_id in self.audiences:
            # ID tokens are meant for the client, and would be accepted here.
            raise ValueError("RECALLS_OIDC_AUDIENCE must not be RECALLS_OIDC_CLIENT_ID")
        if "openid" not in self.oidc_scope.split():
            raise ValueError("RECALLS_OIDC_SCOPE must include openid")
        _ = self.grants  # raises if it can't be parsed
        return self

    def trusts(self, url: str) -> bool:
        """Return whether a URL can be trusted: https, or this machine in development."""
        parts = urlsplit(url)
        if parts.scheme == "https":
            return bool(parts.hostname)
        try:
            local = ip_address(parts.hostname or "").is_loopback
        except ValueError:
            local = parts.hostname == "localhost"
        return parts.scheme == "http" and local and self.environment is Environment.DEVELOPMENT
