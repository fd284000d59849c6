"""Recognises this machine's addresses, the only ones that the simulator listens on or calls."""

from ipaddress import ip_address

from yarl import URL


def is_loopback_host(host: str) -> bool:
    """Return whether `host`, a name or an IP address, is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Return whether `url` is an HTTP address on this machine."""
    try:
        parsed = URL(url)
    except ValueError:
        return False
    return parsed.scheme in ("http", "https") and is_loopback_host(parsed.host or "")
