"""Builds the programs in C that take part in reading, with the libraries that they need."""

import ctypes
from pathlib import Path

from bench.gateway import build
from dev.servers.embedded import postgres_home

TLS_HOST = "localhost"
"""The host in the TLS proxy's certificate."""
_LIBSSL = ("libssl.so.3", "libcrypto.so.3")
_LINKED = [f"-l:{library}" for library in _LIBSSL]


async def build_native(directory: Path) -> Path:
    """Compile the native server, with the libpq that comes with the bench's PostgreSQL."""
    home = postgres_home()
    # Within the program, so that nothing has to find them when it runs.
    libraries = [
        home / "lib" / f"{name}.a" for name in ("libpq", "libpgcommon_shlib", "libpgport_shlib")
    ]
    return await build(
        "peers/native/native", directory, f"-I{home / 'include'}", *map(str, libraries), "-lm"
    )


def has_libssl() -> bool:
    """Return whether the machine has libssl 3; its headers aren't needed."""
    try:
        for library in _LIBSSL:
            ctypes.CDLL(library)
    except OSError:
        return False
    return True


async def build_tls_proxy(directory: Path) -> Path:
    """Compile the TLS proxy."""
    return await build("peers/tls_proxy", directory, *_LINKED)


async def build_over_tls(directory: Path) -> Path:
    """Compile the asker that asks over TLS."""
    return await build("ask", directory, "-DOVER_TLS", *_LINKED, name="ask_over_tls")
