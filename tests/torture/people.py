"""Made-up patients with recalls, as many as a run needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from db.sync import PatientRow, RecallRow

AUTOMATED, BY_HAND = "Skin check", "Results to discuss"
"""Reasons, one for each category."""
TEMPLATE = (
    "Hi {firstName}, {practiceName} has a recall for you: {reason}, due {dueDate}. "
    "Call {practicePhone}."
)
"""Includes the due date, which differs between a patient's recalls: the gateway's list shows texts
but no references, so if two texts were alike, nobody could tell which of them it has."""
FAMILY = 0.2
"""The share of patients who have the same mobile as the one before."""
SECOND_RECALL = 0.1
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "ei", "o", "u", "y")]


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient with their recalls."""

    row: PatientRow
    recalls: list[RecallRow]


class Population:
    """The patients of one practice; the same ``random`` makes the same ones.

    Every practice begins with the same numbers: a block is only for the practice that asked.
    """

    def __init__(self, random: Random, today: date) -> None:
        self._random = random
        self._today = today
        self._born = 0
        self._numbers = 0

    def more(self, count: int) -> Iterator[Patient]:
        """Yield that many new patients."""
        for _ in range(count):
            self._born += 1
            if self._numbers == 0 or self._random.random() >= FAMILY:
                self._numbers += 1
            row = PatientRow(
                pms_id=f"p{self._born}",
                first_name=self._name(),
                last_name=self._name(),
                mobile=f"+6149{self._numbers:07d}",
                sms_consent=self._random.choice([True, None]),
            )
            reason = self._random.choice([AUTOMATED, BY_HAND])
            recalls = 2 if self._random.random() < SECOND_RECALL else 1
            yield Patient(row, [self._recall(row, reason, n) for n in range(recalls)])

    def _recall(self, patient: PatientRow, reason: str, number: int) -> RecallRow:
        due = self._today - timedelta(days=number)
        return RecallRow(f"{patient.pms_id}-{number}", patient.pms_id, reason, due)

    def _name(self) -> str:
        return "".join(self._random.choices(SYLLABLES, k=4)).title()
