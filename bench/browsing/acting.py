"""Time to act on a long list: from the key to the changed picture, by the browser's own clock."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

from bench.browsing.desk import Desk
from bench.client import Client
from bench.report import Line, spread

AT_ONCE, SOON, DEEP = 100.0, 500.0, 10_000.0
"""Milliseconds: for what needs no answer of the API, for what does, and for a hundred of them."""
NAME = "papadopoulos"
"""What is searched for; it finds a fifteenth of the list."""
ROW_HEIGHT = 46
MOVES = 5
"""Keys in a round of what needs no answer; the round's figure is their median."""

GRID = "document.querySelector('[role=grid]')"
AT = "document.activeElement?.dataset.index === '{}'"
SELECTED = "document.querySelector(`[data-index='{}'][aria-selected=true]`)"
TOLD = "/\\d SMS/.test(document.querySelector('.bar-told')?.textContent)"
ASKED = "document.querySelector('[role=alertdialog] button')"
NOT_ASKED = "!document.querySelector('[role=alertdialog], [role=dialog]')"
OPENED = "document.querySelector('[role=dialog] dl')"
COUNTED = "!document.querySelector('.tabs').textContent.includes('…')"
PATIENTS = "document.querySelectorAll('.grid-row .cell-patient')"
ROWS = f"{PATIENTS}.length && !document.querySelector('.grid-changing')"
FOUND = f"""{ROWS} && [...{PATIENTS}]
  .every((row) => row.textContent.toLowerCase().includes('{NAME}'))"""
AT_DEPTH = """[...document.querySelectorAll('[data-index]')].some((row) => row.dataset.index >= {})
  && !document.querySelector('.grid-row-to-come')"""
MAY_BE_TEXTED = """[...document.querySelectorAll('[data-index]')].some((row) =>
  row.textContent.includes('{}') && row.querySelector('.sms-icon:not(.sms-icon-blocked)'))"""
MOBILE = """document.querySelector(`[data-index='{}'] .cell-mobile .number`).textContent"""

Act: TypeAlias = Callable[["Acting"], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Acting:
    """What an act needs: a desk with the list open, and a colleague at another one."""

    desk: Desk
    colleague: Client
    depth: int

    async def pressed(self, key: str, shown: str) -> float:
        """Press a key; return the milliseconds until something is shown."""
        await self.desk.start("keydown", shown)
        await self.desk.page.keyboard.press(key)
        return await self.desk.time()

    async def shown(self, condition: str) -> None:
        """Wait until something is shown."""
        await self.desk.after("0", condition)

    async def at_list(self) -> None:
        """Move the focus to the list's current row, by the page's own skip link."""
        await self.desk.page.get_by_role("button", name="Skip to list").press("Enter")


async def _move(acting: Acting) -> float:
    await acting.at_list()
    times = [await acting.pressed("ArrowDown", AT.format(at)) for at in range(1, MOVES + 1)]
    await acting.pressed("Home", AT.format(0))
    return median(times)


async def _select(acting: Acting) -> float:
    await acting.at_list()
    times = []
    for at in range(MOVES):
        times.append(await acting.pressed("x", SELECTED.format(at)))
        await acting.pressed("ArrowDown", AT.format(at + 1))
    await acting.pressed("Escape", f"!{SELECTED.format(0)}")
    await acting.pressed("Home", AT.format(0))
    return median(times)


async def _select_and_see(acting: Acting) -> float:
    """What would be sent is asked 120 ms after the last key."""
    await acting.at_list()
    time = await acting.pressed("x", TOLD)
    await acting.pressed("Escape", f"!{SELECTED.format(0)}")
    return time


async def _ask_before_sending(acting: Acting) -> float:
    await acting.at_list()
    await acting.pressed("x", TOLD)
    time = await acting.pressed("s", ASKED)
    await acting.pressed("Escape", NOT_ASKED)
    await acting.at_list()
    await acting.pressed("Escape", f"!{SELECTED.format(0)}")
    return time


async def _open_recall(acting: Acting) -> float:
    await acting.at_list()
    time = await acting.pressed("Enter", OPENED)
    await acting.pressed("Escape", NOT_ASKED)
    return time


async def _switch_tab(acting: Acting) -> float:
    page = acting.desk.page
    await page.get_by_role("link", name="Letters").focus()
    time = await acting.pressed("Enter", f"location.pathname === '/recalls/letters' && {ROWS}")
    await page.get_by_role("link", name="To Action").focus()
    await acting.pressed("Enter", f"location.pathname === '/recalls' && {ROWS}")
    return time


async def _search(acting: Acting) -> float:
    """The search begins 200 ms after the last key."""
    page = acting.desk.page
    field = page.get_by_label("Name, mobile or date of birth")
    await field.focus()
    await page.keyboard.type(NAME[:-1])
    time = await acting.pressed(NAME[-1], FOUND)
    await acting.shown(COUNTED)
    await page.get_by_role("button", name="Clear filters").click()
    await acting.shown(f"!({FOUND}) && {ROWS}")
    return time


async def _scroll_deep(acting: Acting) -> float:
    await acting.shown(COUNTED)
    to = acting.depth * ROW_HEIGHT
    time = await acting.desk.after(f"{GRID}.scrollTo(0, {to})", AT_DEPTH.format(acting.depth))
    await acting.desk.after(f"{GRID}.scrollTo(0, 0)", ROWS)
    return time


async def _block(acting: Acting) -> float:
    mobile = str(await acting.desk.page.evaluate(MOBILE.format(3)))
    shown = MAY_BE_TEXTED.format(mobile)
    async with asyncio.TaskGroup() as both:
        time = both.create_task(acting.desk.after("0", f"!({shown})"))
        both.create_task(acting.colleague.block(mobile))
    await acting.colleague.unblock(mobile)
    await acting.shown(shown)
    return time.result()


ACTS: Sequence[tuple[str, Act, float]] = [
    ("move to the next row", _move, AT_ONCE),
    ("select a row", _select, AT_ONCE),
    ("select, until it says what would be sent", _select_and_see, SOON),
    ("send, until it asks first", _ask_before_sending, SOON),
    ("open a recall", _open_recall, SOON),
    ("switch to another tab", _switch_tab, SOON),
    ("search for a name, from its last letter", _search, SOON),
    ("a colleague blocks a number, until its row shows it", _block, SOON),
    ("scroll down {depth:,} rows at once", _scroll_deep, DEEP),
]
"""What is done, how, and within how many milliseconds."""


async def measure(acting: Acting, rounds: int) -> list[Line]:
    """Do everything on the shown list, once in each round, after a round that isn't counted."""
    await acting.shown(COUNTED)
    times: dict[str, list[float]] = {what: [] for what, _, _ in ACTS}
    for number in range(rounds + 1):
        for what, act, _ in ACTS:
            time = await act(acting)
            if number:
                times[what].append(time)
    return [_line(what.format(depth=acting.depth), times[what], goal) for what, _, goal in ACTS]


def _line(what: str, times: Sequence[float], goal: float) -> Line:
    return Line(
        what, f"{spread(times, '{:.0f}')} ms", goal=f"≤ {goal:,.0f} ms", met=median(times) <= goal
    )
