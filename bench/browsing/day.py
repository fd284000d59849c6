"""A receptionist's day, as fast as it goes: what the page holds at its beginning and its end."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.browsing.colleagues import Colleagues
from bench.browsing.desk import MB, Desk, Held
from bench.browsing.receptionist import Receptionist
from bench.browsing.sizes import BrowseSizes
from bench.command import say
from bench.report import Line

GROWTH = 1.1
"""The most that the last hour's end may hold, by the first hour's."""
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Hour:
    """What was held at the end of an hour; the API's memory is in MB, as its share (PSS)."""

    page: Held
    api: float


async def measure(
    desk: Desk, api: int, receptionist: Receptionist, colleagues: Colleagues, sizes: BrowseSizes
) -> tuple[list[Line], list[tuple[str, ...]]]:
    """Work through the day; return what grew by the first hour's end and the last's, and each hour.

    ``api`` is the process id of the API.
    """
    hours = [await _hour(desk, api, receptionist)]
    done: Counter[str] = Counter()
    for number in range(1, sizes.hours + 1):
        for _ in range(sizes.actions):
            done[await receptionist.act()] += 1
            await colleagues.act()
        hours.append(await _hour(desk, api, receptionist))
        held = hours[-1].page
        say(f"hour {number}: the heap is {held.heap:.2f} MB, {held.data:.2f} MB of it data")
    rows: list[tuple[str, ...]] = [
        (
            str(number) if number else "before",
            f"{hour.page.heap:.2f}",
            f"{hour.page.data:.2f}",
            f"{hour.page.nodes:,}",
            f"{hour.page.listeners:,}",
            str(hour.page.documents),
            f"{hour.api:.0f}",
        )
        for number, hour in enumerate(hours)
    ]
    first, last = hours[1], hours[-1]
    each = f"{HOUR / sizes.actions:.0f} s"
    say(f"{done.total():,} actions, one each {each}: {dict(done.most_common())}")
    return grown(first, last), rows


def grown(first: Hour, last: Hour) -> list[Line]:
    """Return the lines that compare the first hour's end with the last one's."""
    return [
        _line("heap", first.page.heap, last.page.heap, "{:.2f} MB"),
        _line("data in the heap", first.page.data, last.page.data, "{:.2f} MB"),
        _line("DOM nodes", first.page.nodes, last.page.nodes, "{:,.0f}"),
        _line("event listeners", first.page.listeners, last.page.listeners, "{:,.0f}"),
        _line("the API's memory", first.api, last.api, "{:.0f} MB"),
    ]


async def _hour(desk: Desk, api: int, receptionist: Receptionist) -> Hour:
    """Return what is held with the same screen in view."""
    await receptionist.home()
    return Hour(await desk.held(), _share_of(api))


def _share_of(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "Pss":
            return int(value.split()[0]) * 1024 / MB
    raise ProcessLookupError(pid)


def _line(what: str, first: float, last: float, form: str) -> Line:
    ratio = last / first
    return Line(
        f"{what}: after the last hour ÷ after the first",
        form.format(last),
        form.format(first),
        f"{ratio:.2f}",
        f"≤ {GROWTH:g}",
        ratio <= GROWTH,
    )
