"""Builds the programs in C that take part in reading, with the libraries that they need."""

from pathlib import Path

from bench.gateway import build
from dev.servers.embedded import postgres_home


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
