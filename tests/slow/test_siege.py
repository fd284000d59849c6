"""The siege in small, and some seconds of fuzzing: nobody makes another practice wait."""

from pathlib import Path

import pytest
from rich.console import Console

from tests.siege.attacks import ATTACKS
from tests.siege.fuzz import findings
from tests.siege.fuzz.run import fuzz
from tests.siege.report import print_report
from tests.siege.run import Outcome, siege
from tests.siege.served import LONG
from tests.siege.stage import staged

SECONDS = 1.5
"""That each attack goes on."""
SLACK = 4
"""Times as much as the goals allow: `make siege` measures them, on a machine that is idle.

What these are about made the others wait for ten times as long, or for ever.
"""
FUZZED = 20.0


@pytest.mark.alone
@pytest.mark.timeout(1200)
async def test_whoever_attacks_nobody_else_waits() -> None:
    # given two practices, and processes as in production
    noted: list[Outcome] = []
    async with staged() as stage:
        # when one is attacked in every way, from within and by strangers
        attacks = list(ATTACKS.values())
        outcomes = await siege(stage, attacks, SECONDS, noted.append, slack=SLACK)
    # then the other's reads, blocks and patients' STOP go on as if nothing were
    print_report(outcomes, Console(width=190))
    assert {o.attack.name: missed for o in outcomes if (missed := o.missed_by(SLACK))} == {}


@pytest.mark.alone
@pytest.mark.timeout(300)
async def test_what_is_made_up_finds_no_bug_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr(findings, "LONG", SLACK * LONG)
    async with staged() as stage:
        # when
        result = await fuzz(stage, FUZZED, 20260101, tmp_path)
    # then
    assert not result.found, "\n".join(result.found)
    assert min(result.cases.values()) > 50, result
