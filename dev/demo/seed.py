"""Fills an empty database with the demo's two practices; the same people every time.

Every mobile number is one of 0491 570 000 to 0491 579 999, which include those that the ACMA sets
aside for fiction; the landlines are from its ranges for fiction as well.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from core.identity import Actor, Role
from db.blocklist import block_mobile, remove_blocked, set_blocked_recalls
from db.categories import save_category
from db.contacts import record_contacts
from db.opt_outs import ACTORS
from db.practices import create_practice
from db.recalls import RecallQuery, list_recalls, mark_no_further_action
from db.sync import PatientRow, RecallRow, sync_patients, sync_recalls
from db.tokens import create_token
from db.types import Pool
from dev.demo.clinic import CATEGORIES, CLINICS, REASONS, URGENT, URGENT_REASON, Clinic
from dev.demo.people import Person, household

README_MOBILE = "0491 570 006"
"""The number that the README blocks: a mother and her son share it, with a recall each to send."""
README_FAMILY = (("Ruby", "1987-05-21"), ("Noah", "2019-11-02"))
MOBILES = range(570_007, 580_000)
"""The last six digits of everybody else's numbers, which begin with +61 491."""
STYLES = (
    "0491 {0} {1}",
    "0491{0}{1}",
    "+61 491 {0} {1}",
    "(0491) {0} {1}",
    "0491-{0}-{1}",
    "491 {0} {1}",
)
"""How people type a mobile number into the PMS: its last three digits are {1}."""
NOT_MOBILES = ("(02) 5550 0199", "0491 570", "see daughter's file", "08 5550 0142", "0000 000 000")
LISTED = (
    (True, "STAFF", "Asked not to be texted"),
    (True, "STAFF", "Wants phone calls only"),
    (True, "STAFF", "Number now belongs to somebody else"),
    (True, "STAFF", None),
    (True, "STAFF", "Shared phone: nothing by SMS please"),
    (True, "PATIENT_REPLY", "Replied STOP"),
    (False, "STAFF", "Texts are welcome after 5 pm"),
    (False, "STAFF", "Partner's phone"),
    (False, "STAFF", None),
)
"""Entries of the blocklist: whether ticked, the source, and the note."""
DUE = ((-120, -1), (0, 13), (20, 84))
"""Days from today: overdue, due now, and due in weeks."""
MANAGER = "Practice manager"
LATE_AGE = 60
ALL = 1000
"""More recalls than a practice of the demo has."""


@dataclass(frozen=True, slots=True)
class PmsContent:
    """What a practice's PMS has."""

    patients: list[PatientRow]
    recalls: list[RecallRow]


async def seed(pool: Pool) -> None:
    """Create both practices with all they have, in several transactions, so don't repeat it."""
    for clinic in CLINICS:
        random = Random(clinic.practice.name)  # noqa: S311 - repeatable, no secret
        today = datetime.now(ZoneInfo(clinic.practice.time_zone)).date()
        content = pms_content(clinic, random, today)
        practice_id = await create_practice(pool, clinic.practice)
        saved = [
            await save_category(pool, practice_id, category, actor=Actor(MANAGER, Role.ADMIN))
            for category in CATEGORIES
        ]
        await sync_patients(pool, practice_id, content.patients)
        await sync_recalls(pool, practice_id, content.recalls)
        automated = [row["id"] for row in saved if row["automated"]]
        due = RecallQuery(tab="TO_ACTION", category_ids=automated)
        reception = Actor(clinic.reception, Role.RECEPTIONIST)
        await _block_some(pool, practice_id, due, reception, random)
        await _act_on_some(pool, practice_id, reception)


async def create_tokens(pool: Pool, practice_id: int, pms_product: str) -> dict[str, str]:
    """Create a token for each role at the practice; return them by role."""
    [reception] = [c.reception for c in CLINICS if c.practice.pms_product == pms_product]
    holders = {
        Role.ADMIN: MANAGER,
        Role.RECEPTIONIST: reception,
        Role.CONNECTOR: "PMS connector",
    }
    return {
        role.value: await create_token(pool, practice_id, name, role, for_demo=True)
        for role, name in holders.items()
    }


def pms_content(clinic: Clinic, random: Random, today: date) -> PmsContent:
    """Return made-up patients of the clinic, with recalls around ``today``."""
    content = PmsContent([], [])
    numbers = iter(random.sample(MOBILES, clinic.patients))
    while len(content.patients) < clinic.patients:
        number = next(numbers)
        people = household(random, today)
        for person in people:
            pms_id = f"P{len(content.patients) + 1:04d}"
            content.patients.append(
                PatientRow(
                    pms_id,
                    person.first_name,
                    person.last_name,
                    person.birth_date,
                    _typed(random, number, may_err=len(people) == 1),
                    _consent(random) if clinic.consent_readable else None,
                    _status(random, person),
                )
            )
            for reason in _reasons(random, person):
                recall_id = f"R{len(content.recalls) + 1:04d}"
                content.recalls.append(_recall(random, recall_id, pms_id, reason, today))
    for name, born in README_FAMILY:
        patient = PatientRow(
            f"README-{name}", name, "Callaghan", date.fromisoformat(born), README_MOBILE, True
        )
        content.patients.append(patient)
        # No run sends it before somebody has read the README: its category isn't automated.
        content.recalls.append(
            RecallRow(f"README-{name}", patient.pms_id, "Flu vaccination", today)
        )
    return content


def _typed(random: Random, number: int, *, may_err: bool) -> str | None:
    """Return the number as somebody typed it; now and then there is none, or it is no mobile."""
    styles: tuple[str | None, ...] = (random.choice(STYLES), None, random.choice(NOT_MOBILES))
    style = random.choices(styles, (65, 15, 20) if may_err else (1, 0, 0))[0]
    return style and style.format(number // 1000, f"{number % 1000:03}")


def _consent(random: Random) -> bool | None:
    return random.choices((True, None, False), (70, 18, 12))[0]


def _status(random: Random, person: Person) -> str:
    weights = (86, 6, 8) if person.age > LATE_AGE else (95, 5, 0)
    return random.choices(("ACTIVE", "INACTIVE", "DECEASED"), weights)[0]


def _reasons(random: Random, person: Person) -> list[str]:
    """Return what the person is recalled for: mostly one thing, and nothing twice."""
    fitting = [reason for reason in REASONS if reason.fits(person)]
    weights = [reason.weight for reason in fitting]
    # As if lots were drawn, one for each unit of weight: the first of each reason counts.
    order = random.sample([reason.name for reason in fitting], sum(weights), counts=weights)
    count = random.choices((1, 2, 3), (50, 35, 15))[0]
    return list(dict.fromkeys(order))[:count]


def _recall(random: Random, pms_id: str, patient: str, reason: str, today: date) -> RecallRow:
    completed = random.choices((True, False), (1, 9))[0]
    first, last = random.choices(DUE, (50, 25, 25))[0]
    due = today + timedelta(days=random.randint(first, last))
    urgency = random.choices((None, "Routine", URGENT), (50, 45, 5))[0]
    if urgency == URGENT:
        reason = URGENT_REASON
    return RecallRow(pms_id, patient, reason, due, urgency, completed)


async def _block_some(
    pool: Pool, practice_id: int, due: RecallQuery, actor: Actor, random: Random
) -> None:
    """Block numbers that are about to get an SMS: ticked, unticked, and removed again."""
    page = await list_recalls(pool, practice_id, due, first=ALL, after=None)
    reached = dict.fromkeys(
        row["patient_mobile"] for row in page if row["patient_mobile"] is not None
    )
    *mobiles, unticked, removed = random.sample(list(reached), len(LISTED) + 2)
    for mobile, (blocked, source, note) in zip(mobiles, LISTED, strict=True):
        who = ACTORS.get(source, actor)
        await block_mobile(
            pool, practice_id, mobile, blocked=blocked, note=note, actor=who, source=source
        )
    for mobile, note in ((unticked, "Asked not to be texted"), (removed, "Wrong number typed")):
        await block_mobile(pool, practice_id, mobile, blocked=True, note=note, actor=actor)
    await set_blocked_recalls(pool, practice_id, unticked, blocked=False, actor=actor)
    await remove_blocked(pool, practice_id, removed, actor=actor)


async def _act_on_some(pool: Pool, practice_id: int, actor: Actor) -> None:
    """Do what staff did by hand today: calls, letters, and recalls closed without either."""
    for tab, kind, note in (
        ("CALLS", "PHONE", "No answer, will try again"),
        ("LETTERS", "LETTER", "Posted"),
    ):
        recalls = await _first(pool, practice_id, tab, 4)
        await record_contacts(pool, practice_id, recalls, kind=kind, note=note, actor=actor)
    closed = await _first(pool, practice_id, "TO_ACTION", 8)
    await mark_no_further_action(pool, practice_id, closed, actor=actor)


async def _first(pool: Pool, practice_id: int, tab: str, count: int) -> list[int]:
    """Return the ids of a tab's first recalls whose patients are alive and active."""
    page = await list_recalls(pool, practice_id, RecallQuery(tab=tab), first=ALL, after=None)
    gone = ("PATIENT_DECEASED", "PATIENT_INACTIVE")
    return [row["id"] for row in page if row["sms_reason"] not in gone][:count]
