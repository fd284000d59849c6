"""Conversion of a FHIR R4 Patient (AU Core) into a patient of ours."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from api.importing.entries import WHOLE_ROW, Entry, Problem
from db.sync import PatientRow

PARTIAL_DATE = re.compile(r"\d{4}(-\d{2})?", re.ASCII)
FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FORMER_NAMES = {"old", "maiden"}

Json = dict[str, Any]


def patient_entry(number: int, resource: object, today: date) -> Entry[PatientRow]:
    """Return the entry of one parsed resource; if that isn't a Patient, one to be skipped.

    ``today`` decides which names and numbers are current. Never raises, whatever the JSON holds.
    """
    if not isinstance(resource, dict) or not _text(resource, "resourceType"):
        return Entry(number, problems=(Problem(WHOLE_ROW, "This is not a FHIR resource."),))
    if resource["resourceType"] != "Patient":
        return Entry(number)
    pms_id = _text(resource, "id")
    problems: list[Problem] = []
    first_name, last_name = _name(resource, today)
    row = PatientRow(
        pms_id=pms_id,
        first_name=first_name,
        last_name=last_name,
        birth_date=_birth_date(resource, problems),
        mobile=_mobile(resource, today),
        # A Patient resource has no field for it.
        sms_consent=None,
        status=_status(resource, problems),
    )
    if problems:
        return Entry(number, pms_id=pms_id, problems=tuple(problems))
    return Entry(number, row, pms_id)


def _name(resource: Json, today: date) -> tuple[str, str]:
    names = [
        (first, last, _text(name, "use"))
        for name in _objects(resource, "name")
        if _text(name, "use") not in FORMER_NAMES and not _is_over(name, today)
        for first, last in [_parts(name)]
        if first or last
    ]
    names.sort(key=lambda name: name[2] != "official")
    return names[0][:2] if names else ("", "")


def _parts(name: Json) -> tuple[str, str]:
    given = name.get("given")
    given = given if isinstance(given, list) else []
    first = next((text.strip() for text in given if isinstance(text, str) and text.strip()), "")
    last = _text(name, "family")
    # If there is only a text, we can't tell which word of it is the family name.
    return (first, last) if first or last else ("", _text(name, "text"))


def _mobile(resource: Json, today: date) -> str | None:
    contacts = [
        contact
        for contact in _objects(resource, "telecom")
        if _text(contact, "value") and contact.get("use") != "old" and not _is_over(contact, today)
    ]
    contacts.sort(key=_rank)
    numbers = [_text(contact, "value") for contact in contacts if _is_mobile(contact)]
    # Home and work numbers stay out, even if they could take an SMS: others may read it.
    numbers += [
        _text(contact, "value")
        for contact in contacts
        if contact.get("system") == "phone" and not contact.get("use")
    ]
    return numbers[0] if numbers else None


def _is_mobile(contact: Json) -> bool:
    system = contact.get("system")
    return system == "sms" or (system == "phone" and contact.get("use") == "mobile")


def _rank(contact: Json) -> float:
    rank = contact.get("rank")
    return rank if isinstance(rank, int) else float("inf")


def _birth_date(resource: Json, problems: list[Problem]) -> date | None:
    written = resource.get("birthDate")
    if written is None or (isinstance(written, str) and PARTIAL_DATE.fullmatch(written)):
        return None
    if isinstance(written, str) and FULL_DATE.fullmatch(written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            pass
    problems.append(Problem("birthDate", "This is not a date."))
    return None


def _status(resource: Json, problems: list[Problem]) -> str:
    deceased, active = resource.get("deceasedBoolean"), resource.get("active")
    for flag in (deceased, active):
        if flag is not None and not isinstance(flag, bool):
            problems.append(Problem("status", "Use true or false."))
    # The underscored twin is there if the death is known but not its day.
    if deceased or resource.get("deceasedDateTime") or resource.get("_deceasedDateTime"):
        return "DECEASED"
    return "INACTIVE" if active is False else "ACTIVE"


def _is_over(element: Json, today: date) -> bool:
    period = element.get("period")
    end = _text(period, "end")[:10] if isinstance(period, dict) else ""
    # An end of '2026' or '2026-11' lasts until the last day of that year or month.
    return bool(end) and end < today.isoformat()[: len(end)]


def _objects(resource: Json, key: str) -> Iterator[Json]:
    elements = resource.get(key)
    if isinstance(elements, list):
        yield from (element for element in elements if isinstance(element, dict))


def _text(element: Json, key: str) -> str:
    text = element.get(key)
    return text.strip() if isinstance(text, str) else ""
