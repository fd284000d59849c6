"""Made-up patients with recalls, for as long as a run wants them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from db.sync import PatientRow, RecallRow

AUTOMATED, BY_HAND = "Skin check", "Results to discuss"
"""Reasons, one of each category."""
TEMPLATE = (
    "Hi {firstName}, {practiceName} has a recall for you: {reason}, due {dueDate}. "
    "Call {practicePhone}."
)
"""With the day, which is another for each of a patient's recalls: the gateway's list gives texts
and no references, so where two texts are alike nobody can tell which of the two it has."""
FAMILY = 0.2
"""The share of patients who have the mobile of the one before."""
SECOND_RECALL = 0.1
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "ei", "o", "u", "y")]


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient with what they are recalled for."""

    row: PatientRow
    recalls: list[RecallRow]


class Population:
    """The patients of one practice; the same ``random`` gives the same ones.

    Every practice begins with the same numbers: a block is of the practice that asked for it.
    """

    def __init__(self, random: Random, today: date) -> None:
        self._random = random
        self._today = today
        self._born = 0
        self._numbers = 0

    def more(self, count: int) -> Iterator[Patient]:
        """Invent so many more."""
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
