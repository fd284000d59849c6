"""A receptionist at work in the portal: what they do, how often, and drawn by luck with a seed."""

import random
import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from playwright.async_api import Locator, Page, expect

from bench.browsing.desk import SECONDS, Desk
from dev.screens import bar, preview_messages, runs_in_progress, sms_button

NAMES = ("Nguyễn", "kowalski", "O'Brien", "Müller", "zoë", "papad", "0491", "Ruby Lee", "singh")
RECORD = re.compile(r"^Record (call|\d+ calls)$")
FULL_TABS = (1, 2, 5)
"""The places of tabs that have recalls: Calls, Letters, All."""
PAUSE = 250
"""Milliseconds; the search begins 200 ms after the last key."""
SCREEN = 800
"""Pixels."""
SCREENS = 4
"""The most that the list is scrolled by at once, and the most often."""

Deed: TypeAlias = Callable[["Receptionist"], Awaitable[None]]


class Receptionist:
    """Works on the recall list; each deed ends with the list in view, and nothing selected."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self._page: Page = desk.page
        self._luck = random.Random(seed)  # noqa: S311 - the same day each time
        self._blocked: list[str] = []

    async def act(self) -> str:
        """Do the next thing; return what it was."""
        names = list(DEEDS)
        [name] = self._luck.choices(names, [DEEDS[each][1] for each in names])
        await DEEDS[name][0](self)
        return name

    async def home(self) -> None:
        """Go to the beginning of the whole list, as at the start of the day."""
        await self._page.get_by_role("link", name="Blocked Communications").click()
        await self._to_list()
        await self._scroll("grid.scrollTo(0, 0)")
        await expect(self._rows().first).to_be_visible()

    async def scroll(self) -> None:
        """Scroll down, and back to the top."""
        for _ in range(self._luck.randint(1, SCREENS)):
            await self._scroll(f"grid.scrollBy(0, {SCREEN * self._luck.randint(1, SCREENS)})")
            await expect(self._page.locator(".grid-row-to-come")).to_have_count(0)
        await self._scroll("grid.scrollTo(0, 0)")
        await expect(self._row(0)).to_be_visible()

    async def search(self) -> None:
        """Search for a name or a part of a number, look, and show all again."""
        name = self._luck.choice(NAMES)
        field = self._page.get_by_label("Name, mobile or date of birth")
        await field.fill(name)
        await self._page.wait_for_timeout(PAUSE)
        await self._settled()
        filters = self._page.get_by_role("search")
        await filters.get_by_role("button", name="Clear filters").click()
        await self._settled()

    async def switch_tab(self) -> None:
        """Look at another tab, and come back."""
        tabs = self._page.get_by_role("navigation", name="Recall lists")
        await tabs.get_by_role("link").nth(self._luck.choice(FULL_TABS)).click()
        await self._settled()
        await tabs.get_by_role("link").first.click()
        await self._settled()

    async def filter(self) -> None:
        """Look at one category's recalls."""
        for index in (self._luck.randint(1, 5), 0):
            await self._page.locator(".chip-button", has_text="Category").click()
            await self._page.get_by_role("menuitemradio").nth(index).click()
            await self._settled()

    async def open(self) -> None:
        """Open a recall, read it, and close it."""
        await self._any_row().get_by_role("button").first.click()
        await expect(self._page.locator("[role=dialog] dl")).to_be_visible()
        await self._close()

    async def hover(self) -> None:
        """Read why an SMS may go or not."""
        await self._any_row().locator(".sms-icon").hover()
        await expect(self._page.get_by_role("tooltip")).to_be_visible()
        await self._page.mouse.move(0, 0)
        await expect(self._page.get_by_role("tooltip")).to_have_count(0)

    async def select_and_clear(self) -> None:
        """Select some, read what would be sent, and clear the selection."""
        await self._select(self._luck.randint(1, 6))
        await self._clear()

    async def preview_and_cancel(self) -> None:
        """Select some, read the messages, press SMS, and think better of it."""
        await self._select(self._luck.randint(1, 3))
        await preview_messages(self._page)
        await self._close()
        await sms_button(self._page).click()
        await self._page.get_by_role("button", name="Don’t send").click()
        await expect(self._page.get_by_role("alertdialog")).to_have_count(0)
        await self._clear()

    async def send_and_undo(self) -> None:
        """Send one, and undo it."""
        await self._select(1)
        await sms_button(self._page).click()
        question = self._page.get_by_role("alertdialog")
        await question.get_by_role("checkbox").first.check()
        await question.get_by_role("button", name="Send to").click()
        await expect(self._page.get_by_role("alertdialog")).to_have_count(0)
        lines = runs_in_progress(self._page).get_by_role("article")
        card = lines.filter(has_text=re.compile("^(Sending|Undone)")).first
        await card.get_by_role("button", name="Undo").click()
        await expect(card).to_contain_text("Undone")
        await card.get_by_role("button", name="Close").click()

    async def record_call(self) -> None:
        """Record a call to a patient, with a note."""
        await self._select(1)
        await bar(self._page).get_by_role("button", name="Record call").click()
        await self._page.get_by_label("Note").fill("Left a message")
        # Two, if the row moved while its box was ticked: a colleague's change arrived.
        await self._page.get_by_role("button", name=RECORD).click()
        await expect(self._page.get_by_role("dialog")).to_have_count(0)
        await expect(bar(self._page)).to_have_count(0)

    async def block(self) -> None:
        """Block a patient's number, from the recall."""
        row = self._any_row()
        number = await row.locator(".cell-mobile .number").inner_text()
        await row.get_by_role("button").first.click()
        block = self._page.get_by_role("button", name="Block this number")
        await expect(self._page.locator("[role=dialog] dl")).to_be_visible()
        if await block.count():
            await block.click()
            question = self._page.get_by_role("alertdialog")
            await question.get_by_role("button", name="Block", exact=True).click()
            told = runs_in_progress(self._page).get_by_text("is blocked").last
            # Some of the made-up numbers can't exist.
            await expect(told.or_(question.locator(".notice"))).to_be_visible()
            if await question.count():
                await question.get_by_role("button", name="Cancel").click()
                await expect(question).to_have_count(0)
            else:
                self._blocked.append(number)
        await self._close()

    async def unblock(self) -> None:
        """Untick a number, and read its history."""
        await self._page.get_by_role("link", name="Blocked Communications").click()
        entries = self._page.locator(".blocked-entry")
        search = self._page.get_by_label("Search")
        if self._blocked:
            await search.fill(self._blocked.pop())
            await expect(entries).to_have_count(1)
            box = entries.get_by_role("checkbox")
            if await box.is_checked():
                await box.click()
                await expect(entries).to_contain_text("can get recall SMS again")
        await entries.first.get_by_role("button", name="History").click()
        await expect(entries.first.locator(".blocked-history")).to_be_visible()
        await search.fill("")
        await self._to_list()

    async def read_runs(self) -> None:
        """Look at the runs."""
        await self._page.get_by_role("link", name="Sent messages", exact=True).click()
        await expect(self._page.get_by_role("heading", level=1)).to_have_text("Sent messages")
        await self._to_list()

    async def _scroll(self, script: str) -> None:
        await self._page.get_by_role("grid").evaluate(f"grid => {script}")

    def _rows(self) -> Locator:
        return self._page.locator("[data-index]")

    def _row(self, index: int) -> Locator:
        return self._page.locator(f"[data-index='{index}']")

    def _any_row(self) -> Locator:
        """Return one of the rows that are surely in view."""
        return self._row(self._luck.randint(0, 6))

    async def _select(self, count: int) -> None:
        """Select the first recalls that can be sent."""
        sendable = self._rows().filter(has=self._page.locator(".sms-icon:not(.sms-icon-blocked)"))
        for index in range(count):
            await sendable.nth(index).get_by_role("checkbox").check()
        await expect(bar(self._page)).to_contain_text(re.compile(r"\d SMS"))

    async def _clear(self) -> None:
        await bar(self._page).get_by_role("button", name="Clear selection").click()
        await expect(bar(self._page)).to_have_count(0)

    async def _close(self) -> None:
        await self._page.keyboard.press("Escape")
        await expect(self._page.get_by_role("dialog")).to_have_count(0)

    async def _to_list(self) -> None:
        sections = self._page.get_by_role("navigation", name="Sections")
        await sections.get_by_role("link", name="Recalls").click()
        await self._settled()

    async def _settled(self) -> None:
        """Wait until the list shown is the one asked for, and has rows or says that it has none."""
        await expect(self._page.locator(".grid-changing")).to_have_count(0)
        await expect(self._rows().or_(self._page.locator(".empty")).first).to_be_visible()


DEEDS: dict[str, tuple[Deed, int]] = {
    "scroll": (Receptionist.scroll, 20),
    "open a recall": (Receptionist.open, 20),
    "search": (Receptionist.search, 12),
    "record a call": (Receptionist.record_call, 10),
    "select and clear": (Receptionist.select_and_clear, 8),
    "hover": (Receptionist.hover, 6),
    "switch tab": (Receptionist.switch_tab, 6),
    "preview and cancel": (Receptionist.preview_and_cancel, 5),
    "filter": (Receptionist.filter, 4),
    "block": (Receptionist.block, 3),
    "unblock": (Receptionist.unblock, 3),
    "send and undo": (Receptionist.send_and_undo, 2),
    "read runs": (Receptionist.read_runs, 1),
}
"""What is done, and how often in a hundred deeds."""
expect.set_options(timeout=SECONDS * 1000)
