"""Tests of bench.starting: every kind of start is measured, and a missed goal is shown."""

import sys
from pathlib import Path

import pytest

from bench.command import measured
from bench.databases import Databases
from bench.report import Line
from bench.starting import MAX_CPU_SECONDS, Start, lines_of, measure_on
from dev.servers.running import ServerUrls


def starts(*cpu: float, pss: float = 50.0) -> list[Start]:
    return [Start(seconds, 2 * seconds, pss, 1.5 * pss) for seconds in cpu]


def goals(few: list[Start], many: list[Start]) -> list[bool]:
    lines = lines_of(peer=starts(0.5, 0.5, 0.5), few=few, many=many, worker=starts(0.7))
    return [line.met for line in lines if line.met is not None]


def test_starts_within_the_goals_meet_them() -> None:
    # given
    few = starts(0.9, MAX_CPU_SECONDS, 2.0)
    # when, then
    assert goals(few, few) == [True, True, True]


def test_a_start_that_takes_too_long_misses_its_goal() -> None:
    # given
    few = starts(0.9, 1.1, 1.1)
    # when, then
    assert goals(few, few) == [False, True, True]


def test_a_large_manifest_that_costs_time_and_memory_misses_both_goals() -> None:
    # when, then
    assert goals(starts(0.5, 0.5, 0.5), starts(0.6, 0.6, 0.6, pss=60)) == [True, False, False]


@pytest.mark.skipif(sys.platform != "linux", reason="starts are measured by Linux's /proc")
def test_one_round_yields_figures() -> None:
    # given
    async def once(servers: ServerUrls, directory: Path) -> list[Line]:
        return await measure_on(Databases(servers, directory), 1)

    # when
    lines = measured(once, roomy=0)
    # then
    assert [line.what for line in lines if not line.what.startswith("  ")] == [
        "API, one document: CPU",
        "API, 1,000 documents; peer: with one: CPU",
        "worker: CPU",
    ]
    assert all(line.ours for line in lines)
