"""Searching a run's logs for its people."""

import re
from collections.abc import Collection
from pathlib import Path

from tests.torture.people import TEMPLATE

BODY = TEMPLATE.partition("{practiceName} ")[2].partition(":")[0]
"""A piece of text in every message and nowhere else."""
WORD = re.compile(r"[A-Za-z]+")
DIGITS = re.compile(r"[0-9]{9,15}")


def people_in_logs(directory: Path, names: Collection[str], numbers: Collection[str]) -> list[str]:
    """Return the file and line number of each line with a name, a number (E.164) or a body."""
    known = {number.removeprefix("+") for number in numbers}
    known |= {f"0{number[2:]}" for number in known}
    found = []
    for log in sorted(directory.rglob("*.log")):
        for place, line in enumerate(log.read_text(errors="replace").splitlines(), start=1):
            named = not known.isdisjoint(DIGITS.findall(line)) or BODY in line
            if named or any(word in names for word in WORD.findall(line)):
                found.append(f"{log.name}:{place}")
    return found
