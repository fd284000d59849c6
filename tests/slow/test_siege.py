"""The siege in miniature, and some seconds of fuzzing: nobody makes another practice wait."""

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
"""How long each attack lasts."""
SLACK = 4
"""Multiple of what the goals allow; `make siege` measures the goals, on an idle machine.

The faults that these tests look for made others wait ten times as long, or forever.
"""
FUZZED = 20.0


@pytest.mark.alone
@pytest.mark.timeout(1200)
async def test_no_attack_makes_anybody_else_wait() -> None:
    # given two practices, and processes as in production
    noted: list[Outcome] = []
    async with staged() as stage:
        # when one of them is attacked in every way, from within and by strangers
        attacks = list(ATTACKS.values())
        outcomes = await siege(stage, attacks, SECONDS, noted.append, slack=SLACK)
    # then the other's reads, blocks and patients' STOPs go on as if nothing had happened
    print_report(outcomes, Console(width=190))
    assert {o.attack.name: missed for o in outcomes if (missed := o.missed_by(SLACK))} == {}


@pytest.mark.alone
@pytest.mark.timeout(300)
async def test_fuzzing_finds_no_bug_and_stops_nothing(
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
