"""The receptionist's colleagues and the PMS, whose changes arrive in the page while they work."""

import random
from datetime import date, timedelta

from bench.browsing.data import PRACTICE
from bench.client import Client
from core.mobile import normalise
from db.sync import RecallRow
from db.types import Pool

SYNCED = 5
"""Recalls that the PMS brings at once."""


class Colleagues:
    """Changes by others, drawn by luck with a seed."""

    def __init__(
        self, staff: Client, pms: Client, patients: list[tuple[str, str]], seed: int
    ) -> None:
        self._staff = staff
        self._pms = pms
        self._patients = patients
        self._luck = random.Random(seed)  # noqa: S311 - the same day each time
        self._blocked: list[str] = []
        self._synced = 0

    @classmethod
    async def of(cls, pool: Pool, staff: Client, pms: Client, seed: int) -> "Colleagues":
        """Return the colleagues of the practice's receptionist."""
        rows = await pool.fetch(
            """
            select pms_id, mobile from patients
            where practice_id = $1 and mobile is not null order by id limit 10000
            """,
            PRACTICE,
        )
        # Some of the made-up numbers can't exist.
        exist = [(row[0], row[1]) for row in rows if normalise(row[1], "AU").refusal is None]
        return cls(staff, pms, exist, seed)

    async def act(self) -> None:
        """Change something: a number is blocked, let through again, or the PMS brings recalls."""
        what = self._luck.random()
        if what < 0.6:  # noqa: PLR2004
            await self._sync()
        elif what < 0.8 or not self._blocked:  # noqa: PLR2004
            _, mobile = self._luck.choice(self._patients)
            await self._staff.block(mobile)
            self._blocked.append(mobile)
        else:
            await self._staff.unblock(self._blocked.pop())

    async def _sync(self) -> None:
        rows = []
        for _ in range(SYNCED):
            self._synced += 1
            patient, _ = self._luck.choice(self._patients)
            due = date(2023, 1, 1) + timedelta(days=self._luck.randint(0, 1400))
            rows.append(RecallRow(f"synced {self._synced}", patient, "Skin check", due))
        await self._pms.sync_recalls(rows)
