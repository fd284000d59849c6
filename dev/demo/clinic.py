"""The demo's practices: their names and staff, what they recall people for, and how."""

from dataclasses import dataclass

from db.categories import CategoryDraft
from db.practices import NewPractice
from dev.demo.people import Person

URGENT = "Urgent"


@dataclass(frozen=True, slots=True)
class Clinic:
    """A practice of the demo: its staff, and how many patients it has at least."""

    practice: NewPractice
    reception: str
    patients: int
    consent_readable: bool


CLINICS = (
    Clinic(
        NewPractice(
            "Harbour Street Family Practice",
            "Australia/Sydney",
            "AU",
            "BEST_PRACTICE",
            "(02) 5550 1234",
        ),
        reception="Priya (reception)",
        patients=190,
        consent_readable=False,
    ),
    Clinic(
        NewPractice(
            "Wattle Grove Medical Centre",
            "Australia/Perth",
            "AU",
            "MEDICAL_DIRECTOR",
            "(08) 5550 4321",
        ),
        reception="Tama (reception)",
        patients=160,
        consent_readable=True,
    ),
)


def _category(
    name: str,
    reasons: list[str],
    template: str,
    steps: str,
    *,
    automated: bool = True,
    urgencies: tuple[str, ...] = (),
) -> CategoryDraft:
    return CategoryDraft(None, name, reasons, urgencies, template, automated, steps.split())


REMINDER = (
    "Hi {firstName}, a reminder from {practiceName}: {reason}, due {dueDate}. "
    "Please call {practicePhone} to book."
)
CATEGORIES = (
    _category("Skin checks", ["Skin check", "Mole review"], REMINDER, "SMS SMS LETTER"),
    _category("Cervical screening", ["Cervical screening"], REMINDER, "SMS SMS LETTER"),
    _category(
        "Childhood immunisation",
        ["12 month immunisation", "18 month immunisation", "4 year immunisation"],
        "Hi, this is {practiceName}. {firstName} is due for the {reason}. "
        "Please call {practicePhone} to book.",
        "SMS PHONE LETTER",
    ),
    _category(
        "Diabetes cycle of care", ["Diabetes review", "Foot check"], REMINDER, "SMS PHONE LETTER"
    ),
    _category("Bowel screening", ["Bowel screening"], REMINDER, "SMS LETTER"),
    _category(
        "Results to discuss",
        ["Results to discuss"],
        "Hi {firstName}, please call {practiceName} on {practicePhone} "
        "to make a time with your doctor.",
        "PHONE PHONE LETTER",
        automated=False,
        urgencies=(URGENT,),
    ),
    _category(
        "Flu vaccination",
        ["Flu vaccination"],
        "Hi {firstName}, flu vaccines are in at {practiceName}. "
        "Call {practicePhone} to book yours.",
        "SMS",
        automated=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """What people of certain ages, in whole years, are recalled for."""

    name: str
    ages: range
    weight: int
    """How common it is against the others."""
    women_only: bool = False

    def fits(self, person: Person) -> bool:
        """Return whether the person can be recalled for it."""
        return person.age in self.ages and (person.female or not self.women_only)


REASONS = (
    Reason("Skin check", range(25, 100), 4),
    Reason("Mole review", range(25, 100), 2),
    Reason("Cervical screening", range(25, 75), 4, women_only=True),
    Reason("12 month immunisation", range(1, 2), 3),
    Reason("18 month immunisation", range(1, 2), 3),
    Reason("4 year immunisation", range(4, 6), 3),
    Reason("Diabetes review", range(45, 100), 4),
    Reason("Foot check", range(60, 100), 2),
    Reason("Bowel screening", range(45, 75), 3),
    Reason("Results to discuss", range(18, 100), 1),
    Reason("Flu vaccination", range(1, 100), 2),
    # No category links these.
    Reason("Travel vaccination", range(18, 75), 1),
    Reason("Baby health check", range(1), 1),
    Reason("Health assessment", range(75, 100), 1),
)
URGENT_REASON = "Specialist letter received"
"""A reason that no category links: its urgency makes it one of the results to discuss."""
