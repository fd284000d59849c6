"""Where the API listens, and whom it lets in."""

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
    """Processes that share the port: as many as there are cores to spare."""
    query_seconds: float = Field(10.0, gt=0)
    """Seconds after which a query is given up, and its SQL with it."""
    rate: float = Field(50.0, ge=0, allow_inf_nan=False)
    """Operations a second that each token or person may run, over all processes; 0 is no limit."""
    trusted_documents: Path | None = None
    """A manifest of trusted documents beside the portal's own: SHA-256 ids to texts, in JSON."""
    other_documents: Literal["allow", "refuse"] | None = None
    """Whether other documents may be run; left out: in development they may."""
    trusted_proxies: str | None = None
    """Addresses and networks, with commas, whose X-Forwarded-For says where a client is, or none.

    Left out, this machine's in development.
    """
    origins: str = ""
    """Origins, with commas between them, whose pages may open WebSockets, beside the API's own."""

    session_idle: int = Field(60, ge=2, le=1440)
    """Minutes after which a session ends that isn't used."""
    session_hours: int = Field(12, ge=1, le=168)
    """Hours after which a session ends, however it is used."""
    hosts: str = ""
    """Hosts, with commas between them, that requests may be for; left out: any."""

    @property
    def origins_allowed(self) -> list[str]:
        """The origins, one by one."""
        return [origin.strip() for origin in self.origins.split(",") if origin.strip()]

    @property
    def hosts_allowed(self) -> list[str]:
        """The hosts, one by one."""
        return [host.strip().lower() for host in self.hosts.split(",") if host.strip()]

    @property
    def proxies(self) -> list[str]:
        """Whose X-Forwarded-For is believed: addresses and networks, one by one."""
        if self.trusted_proxies == NONE:
            return []
        return [proxy.strip() for proxy in (self.trusted_proxies or "127.0.0.1").split(",")]

    @field_validator("trusted_proxies")
    @classmethod
    def _some(cls, proxies: str | None) -> str | None:
        # The server takes whatever it can't read for a name, which then nobody has.
        if proxies not in (None, NONE) and not all(map(_names_some, proxies.split(","))):
            raise ValueError("This must be addresses or networks, as 10.0.0.5,10.1.0.0/24, or none")
        return proxies

    def unfit(self) -> Iterator[str]:
        """Say also what would let clients do as they like, or count all of them as one."""
        yield from super().unfit()
        if self.trusted_proxies is None:
            yield (
                "production needs RECALLS_TRUSTED_PROXIES: the addresses or networks of the proxy"
                " in front, or none where there is none"
            )
        if not self.rate:
            yield "production needs a RECALLS_RATE above 0"
        if any(not origin.startswith("https://") for origin in self.origins_allowed):
            yield "production needs RECALLS_ORIGINS with https"

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
    def lets_others_in(self) -> bool:
        """Tell whether documents may be run that no manifest has."""
        if self.other_documents is None:
            return self.environment is Environment.DEVELOPMENT
        return self.other_documents == "allow"


def _names_some(proxy: str) -> bool:
    """Tell whether this is an address or a network, and not everybody."""
    try:
        return bool(ip_network(proxy.strip()).prefixlen)
    except ValueError:
        return False


class OidcSettings(Settings):
    """The identity provider that staff sign in through; none where ``oidc_issuer`` is empty."""

    oidc_issuer: str = ""
    """Its issuer URL, exactly as its tokens say it."""
    oidc_audience: str = ""
    """The audience that tokens for this API are made for; with commas, any of them."""
    oidc_client_id: str = ""
    """What the portal calls itself when people sign in there."""
    oidc_scope: str = "openid profile"
    """What the portal asks it for; some give tokens for an API to who names it here alone."""
    oidc_algorithm: Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"] = "RS256"
    """How its tokens are signed; no other way is taken."""
    oidc_leeway: float = Field(10.0, ge=0, le=300)
    """Seconds by which its clock may be off."""
    oidc_longest: float = Field(86_400.0, gt=0, le=604_800)
    """Seconds, from when it was made to its end, that its tokens may last at the most."""
    oidc_practice_claim: str = "recalls_practice"
    """The claim that holds the practice's number: its name, or the way there with dots."""
    oidc_role_claim: str = "recalls_role"
    """The claim that holds roles, or groups: its name, or the way there with dots."""
    oidc_roles: str = ""
    """What roles and groups mean, with commas: ``desk=RECEPTIONIST``, ``desk-3=3/RECEPTIONIST``."""
    oidc_groups: str = ""
    """How a group is named that says both, such as ``recalls/{practice}/{role}``."""
    staff_tokens: Literal["allow", "refuse"] = "allow"
    """Whether admins and receptionists may also get in by access tokens."""

    @property
    def audiences(self) -> list[str]:
        """The audiences, one by one."""
        return [each.strip() for each in self.oidc_audience.split(",") if each.strip()]

    @property
    def grants(self) -> Grants:
        """What roles and groups mean; raises ``ValueError``."""
        return Grants.read(self.oidc_roles, self.oidc_groups)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.oidc_issuer:
            if self.staff_tokens == "refuse":
                raise ValueError("RECALLS_STAFF_TOKENS=refuse needs RECALLS_OIDC_ISSUER beside it")
            return self
        if not self.audiences:
            raise ValueError("RECALLS_OIDC_ISSUER needs RECALLS_OIDC_AUDIENCE beside it")
        if not self.trusts(self.oidc_issuer):
            raise ValueError("RECALLS_OIDC_ISSUER must be an https URL")
        if self.oidc_client_id in self.audiences:
            # ID tokens are for the client, and would open practices.
            raise ValueError("RECALLS_OIDC_AUDIENCE must not be RECALLS_OIDC_CLIENT_ID")
        if "openid" not in self.oidc_scope.split():
            raise ValueError("RECALLS_OIDC_SCOPE must have openid in it")
        _ = self.grants  # which raises where it can't be read
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
