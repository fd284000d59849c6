"""Tests that the rule is in db/sql/rule.sql, and that no part of it is written again."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULE = "db/sql/rule.sql"
LAYERS = ("api", "schema", "rowql", "workers", "db", "core", "dev")
REASON = (
    r"(PATIENT_(DECEASED|INACTIVE)|MOBILE_(MISSING|INVALID)|BLOCKED_COMMUNICATION"
    r"|PMS_CONSENT_(UNREADABLE|WITHHELD))"
)

# An SQL literal is in single quotes and compared by '='; a Python one is in double quotes (ruff's
# doing) and compared by '=='. So neither an assignment nor an enum's definition looks like one.
COMPARED_TO = (
    r"(?:(?:(?<![=!<>:])=|<>|!=|\bin\b|\bdistinct\s+from\b|\blike\b|\bwhen\b)"
    r"\s*\(?\s*(?:any\s*\(\s*)?(?:array\s*\[)?\s*(?:'[A-Z_]+'\s*,\s*)*'"
    r"|(?:==|!=|\bis\b|\bis\s+not\b|\bin\b|\bcase\b)\s*[(\[{]?\s*(?:[\w.\"]+\s*[,|]\s*)*"
    r"(?:\w+\.|\")+)"
)
AFTER = r"[\"'\])]*\s*"


def condition(name: str) -> str:
    """Return a pattern for ``name`` (a column, key or attribute) as a condition or compared."""
    return (
        # After a word that a condition follows: as a column, key or attribute, or in a function.
        rf"\b(?:if|elif|while|where|and|or|not|when|on|assert)\s+(?:[\w.\[\"'(]*[.\[\"'(])?{name}\b"
        # Unless it is an assignment, a keyword argument or the conversion of a None.
        rf"(?!{AFTER}(?:=\s*(?:excluded|\$)|(?:is\s+not\s+None\s+)?else\s+None\b|=\S))"
        # Compared, or aggregated over rows.
        rf"|\b{name}{AFTER}(?:\s=\s+(?:true|false)\b|==|<>|!=|\bis\s+(?:not\s+)?(?:true|false|null"
        rf"|True|False|distinct)\b)"
        rf"|\b(?:bool_or|bool_and|every|all|any)\s*\(\s*(?:[\w.\[\"]*[.\[\"])?{name}\b"
    )


SIGNS = {
    "the tick of the blocked communication list": condition("blocked_recalls"),
    "consent": condition("sms_consent"),
    "a refused number": condition("mobile_refusal"),
    "the patient's status": COMPARED_TO + r"(?:ACTIVE|INACTIVE|DECEASED)\b",
    "the PMS that shares no consent": COMPARED_TO + r"BEST_PRACTICE\b",
    "one of the rule's reasons": COMPARED_TO + REASON,
    "the pair of overridable reasons": (
        r"[\[({]\s*[\w.'\"]*PMS_CONSENT_(?:UNREADABLE|WITHHELD)[\"']?\s*,"
        r"\s*[\w.'\"]*PMS_CONSENT_(?:UNREADABLE|WITHHELD)[\"']?\s*,?\s*[\])}]"
    ),
}

# (file, part of the line): why it isn't a second copy.
ALLOWED = {
    (
        "db/sql/blocklist.sql",
        "if blocked_recalls then",
    ): "looks for claims to wait for if its own entry is ticked; decides no message",
    (
        "db/sync.py",
        "old.sms_consent is distinct from new.sms_consent",
    ): "counts a sync's changes for the audit; decides no message",
    (
        "db/migrations/versions/0001_tables.sql",
        "check (",
    ): "says what may be stored, not what is done with it",
    (
        "db/migrations/versions/0001_tables.sql",
        "mobile_refusal is null",
    ): "the rest of such a check",
}


def hover_texts() -> list[str]:
    """Return the rule's own texts, as the rule's file has them."""
    body = (ROOT / RULE).read_text().partition("create function logic.sms_block_message")[2]
    return [
        text.replace("''", "'")
        for text in re.findall(r"'((?:[^']|'')+)'", body.partition(";\n\n--")[0])
        if " " in text
    ]


def second_copies(text: str) -> list[tuple[int, str, str]]:
    """Return all that looks like a part of the rule: (line from 1, which part, the line)."""
    lines = text.splitlines()
    found = []
    for sign, pattern in SIGNS.items():
        for match in re.finditer(pattern, text):
            number = text.count("\n", 0, match.end()) + 1
            found.append((number, sign, lines[number - 1].strip()))
    flat = text.replace("''", "'")
    for hover_text in hover_texts():
        if hover_text in flat:
            number = flat.count("\n", 0, flat.index(hover_text)) + 1
            found.append((number, "a hover text", lines[number - 1].strip()))
    return found


def sources() -> list[str]:
    """Return every SQL and Python file of the layers except the rule's own."""
    return sorted(
        path.relative_to(ROOT).as_posix()
        for layer in LAYERS
        for path in (ROOT / layer).rglob("*")
        if path.suffix in {".sql", ".py"} and path != ROOT / RULE
    )


def test_no_part_of_the_rule_is_written_a_second_time() -> None:
    # when
    copies = [
        f"{name}:{number}: {sign}: {line}"
        for name in sources()
        for number, sign, line in second_copies((ROOT / name).read_text())
        if not any(file == name and part in line for file, part in ALLOWED)
    ]

    # then
    assert copies == []


def test_every_exception_is_still_needed() -> None:
    # when
    unneeded = [
        (file, part)
        for file, part in ALLOWED
        if not any(part in line for _, _, line in second_copies((ROOT / file).read_text()))
    ]

    # then
    assert unneeded == []


def test_the_rule_itself_shows_every_sign() -> None:
    # when
    seen = {sign for _, sign, _ in second_copies((ROOT / RULE).read_text())}

    # then
    assert {
        "the tick of the blocked communication list",
        "consent",
        "a refused number",
        "the patient's status",
        "the PMS that shares no consent",
        "the pair of overridable reasons",
        "a hover text",
    } <= seen


def test_the_hover_texts_are_read_from_the_rule() -> None:
    # when
    texts = hover_texts()

    # then
    assert "Does not wish to be contacted by SMS" in texts
    assert len(texts) == 7


@pytest.mark.parametrize(
    "copy",
    [
        "where b.blocked_recalls",
        "select 1 where not coalesce(b.blocked_recalls, false)",
        "join blocked_communications b on b.blocked_recalls and b.mobile = p.mobile",
        "and b.blocked_recalls = true",
        "b.blocked_recalls is not true",
        "select bool_or(b.blocked_recalls)",
        "case when b.blocked_recalls then 1 end",
        "where p.sms_consent",
        "and not p.sms_consent",
        "p.sms_consent = false",
        "p.sms_consent is false",
        "p.sms_consent is null or p.sms_consent",
        "p.sms_consent is distinct from true",
        "where mobile_refusal is null",
        "p.mobile_refusal is not null",
        "p.status = 'DECEASED'",
        "p.status <> 'ACTIVE'",
        "p.status in ('INACTIVE', 'DECEASED')",
        "p.status = any (array['INACTIVE', 'DECEASED'])",
        "p.status is distinct from 'ACTIVE'",
        "case p.status when 'DECEASED' then 1 end",
        "pr.pms_product = 'BEST_PRACTICE'",
        "pr.pms_product <> 'BEST_PRACTICE'",
        "pms_product in ('GENIE', 'BEST_PRACTICE')",
        "reason = 'PMS_CONSENT_WITHHELD'",
        "reason in ('PMS_CONSENT_UNREADABLE', 'PMS_CONSENT_WITHHELD')",
        "reason not in ('BLOCKED_COMMUNICATION')",
        "reason like 'PMS_CONSENT_WITHHELD%'",
        "raise exception 'Does not wish to be contacted by SMS'",
    ],
)
def test_a_second_copy_in_sql_is_found(copy: str) -> None:
    # when / then
    assert second_copies(copy) != []


@pytest.mark.parametrize(
    "copy",
    [
        'if entry["blocked_recalls"]:',
        "if entry.blocked_recalls:",
        "send = not entry.blocked_recalls",
        'x = [p for p in patients if not p["sms_consent"]]',
        "if patient.sms_consent is False:",
        'if row["sms_consent"] == False:',
        "return patient.sms_consent is not True",
        'if row["mobile_refusal"] and staff:',
        'if row["mobile_refusal"]:',
        'if patient.status == "DECEASED":',
        'if status in ("INACTIVE", "DECEASED"):',
        'if status not in {"ACTIVE"}:',
        "if status is PatientStatus.DECEASED:",
        "if status in (PatientStatus.INACTIVE, PatientStatus.DECEASED):",
        'case "DECEASED":',
        "case PatientStatus.INACTIVE | PatientStatus.DECEASED:",
        'unreadable = practice.pms_product == "BEST_PRACTICE"',
        'if practice.pms_product != "BEST_PRACTICE":',
        "if product is PmsProduct.BEST_PRACTICE:",
        'OVERRIDABLE = {"PMS_CONSENT_UNREADABLE", "PMS_CONSENT_WITHHELD"}',
        "OVERRIDABLE = (Reason.PMS_CONSENT_WITHHELD, Reason.PMS_CONSENT_UNREADABLE)",
        'if reason == "PMS_CONSENT_WITHHELD":',
        "hard = reason is SmsBlockReason.BLOCKED_COMMUNICATION",
        'text = "Mobile number blocked in your blocked communication list"',
    ],
)
def test_a_second_copy_in_python_is_found(copy: str) -> None:
    # when / then
    assert second_copies(copy) != []


@pytest.mark.parametrize(
    "honest",
    [
        "select b.id, b.mobile, b.blocked_recalls, b.note from blocked_communications b",
        "insert into patients (mobile, mobile_refusal, sms_consent, status) select u.*",
        "set sms_consent = excluded.sms_consent, status = excluded.status",
        "(patients.mobile_refusal, patients.sms_consent, patients.status) is distinct from",
        "select logic.consent_readable(p.pms_product), logic.sms_block_hard(s.sms_reason)",
        "(s.sms_reason is not null) = $2",
        'sms_consent=row["sms_consent"], status="DECEASED", pms_product="BEST_PRACTICE",',
        "sms_consent: bool | None = None",
        'status: str = "ACTIVE"',
        'DECEASED = "DECEASED"',
        'BEST_PRACTICE = "BEST_PRACTICE"',
        'PMS_CONSENT_UNREADABLE = "PMS_CONSENT_UNREADABLE"\nPMS_CONSENT_WITHHELD = "PMS_CONSENT_W"',
        'MobileRefusal(row["mobile_refusal"]) if row["mobile_refusal"] else None',
        'PMS_PRODUCTS = ("BEST_PRACTICE", "GENIE")',
    ],
)
def test_code_that_only_stores_or_shows_is_not_a_copy(honest: str) -> None:
    # when / then
    assert second_copies(honest) == []
