"""Client addresses: how they are grouped, and limits on what each may have at a time."""

import math
from collections import Counter
from ipaddress import IPv6Address, ip_address

MAX_ADDRESS_CHARACTERS = 45
"""Characters of the longest address; anything longer from a proxy isn't one."""


def networks_of(origin: str | None) -> tuple[str, ...]:
    """Return what an address is counted as: itself, or for IPv6 its /64 and the /48 around that.

    One client has a whole /64, and one with its own site has 65,536 of those.
    """
    try:
        address = ip_address((origin or "")[: MAX_ADDRESS_CHARACTERS + 1])
    except ValueError:
        return ("",)
    if not isinstance(address, IPv6Address):
        return (str(address),)
    if address.ipv4_mapped:
        return (str(address.ipv4_mapped),)
    return (address.packed[:8].hex(), address.packed[:6].hex())


class Places:
    """Limits on places in use at a time: per address, per IPv6 /48, and in all."""

    def __init__(self, address: int, site: int, everybody: float = math.inf) -> None:
        self._most = (address, site)
        self._everybody = everybody
        self._taken: Counter[str] = Counter()
        self._all = 0

    def take(self, origin: str | None) -> bool:
        """Take a place; return False if there is none."""
        networks = networks_of(origin)
        if self._all >= self._everybody:
            return False
        if any(self._taken[each] >= most for each, most in zip(networks, self._most, strict=False)):
            return False
        self._all += 1
        self._taken.update(networks)
        return True

    def give_back(self, origin: str | None) -> None:
        """Give back a place that was taken."""
        self._all -= 1
        for each in networks_of(origin):
            self._taken[each] -= 1
            if not self._taken[each]:
                del self._taken[each]
