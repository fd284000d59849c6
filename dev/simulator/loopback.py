"""Which addresses are this very machine: the only ones the simulator listens on or calls."""

from ipaddress import ip_address

from yarl import URL


def is_loopback_host(host: str) -> bool:
    """Tell whether `host`, a name or an IP address, is this very machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """Tell whether `url` is an HTTP address on this very machine."""
    try:
        parsed = URL(url)
    except ValueError:
        return False
    return parsed.scheme in ("http", "https") and is_loopback_host(parsed.host or "")
