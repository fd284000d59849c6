"""The first view: how long until the first rows are painted, and how much script that takes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

from bench.browsing.desk import Desk
from bench.peers.bare_page import PATH
from bench.report import Line, spread
from bench.waiting import BenchError

DIST = Path(__file__).parents[2] / "portal" / "dist"
WITHIN = 1000
"""Milliseconds: the goal."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Milliseconds of one round, of the portal and of the bare page."""

    empty: float
    warm: float
    bare_empty: float
    bare_warm: float


async def measure(portal: Desk, bare: Desk, token: str, rounds: int) -> list[Line]:
    """Open the list and the bare page in turn, each with an empty cache and then a warm one."""
    page = f"{PATH}?{urlencode({'token': token, 'documentId': _document('query Recalls(')})}"
    found: list[Opened] = []
    scripts: Mapping[str, int] = {}
    for number in range(rounds + 1):
        empty = await portal.open(cached=False)
        scripts = await portal.scripts()
        warm = await portal.open()
        bare_empty = await bare.open(page, cached=False)
        bare_warm = await bare.open(page)
        if number:  # the first one warms the server up
            found.append(Opened(empty, warm, bare_empty, bare_warm))
    return [
        _line("empty cache", [each.empty for each in found], [each.bare_empty for each in found]),
        _line("warm cache", [each.warm for each in found], [each.bare_warm for each in found]),
        Line(
            f"script of the first view, {len(scripts)} files: Brotli, as transferred (gzip)",
            f"{sum(scripts.values()) / 1000:.0f} kB ({_gzipped(scripts) / 1000:.0f} kB)",
        ),
    ]


def _line(cache: str, ours: list[float], bare: list[float]) -> Line:
    ratios = [mine / other for mine, other in zip(ours, bare, strict=True)]
    return Line(
        f"first rows painted, {cache}",
        spread(ours, "{:.0f}") + " ms",
        spread(bare, "{:.0f}") + " ms",
        spread(ratios, "{:.1f}"),
        f"≤ {WITHIN} ms",
        median(ours) <= WITHIN,
    )


def _document(text: str) -> str:
    """Return the id of the portal's document that has this text in it."""
    known: dict[str, str] = json.loads((DIST / "documents.json").read_text())
    for name, document in known.items():
        if text in document:
            return name
    raise BenchError(f"the portal has no document with {text!r}")


def _gzipped(scripts: Mapping[str, int]) -> int:
    """Return the bytes that the scripts have in the build's gzip form."""
    names = [urlsplit(url).path.removeprefix("/portal/") for url in scripts]
    return sum((DIST / f"{name}.gz").stat().st_size for name in names)
