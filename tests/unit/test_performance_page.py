"""Tests that docs/performance.md has its figures from a run of ``make bench``."""

import re

import click
import pytest

from bench.__main__ import HEADINGS, PAGE, SECTIONS, written
from bench.report import Line

RUN = r"^\*\d{4}-\d\d-\d\d, commit [0-9a-f]{7,}, .+ minutes\.\*$"
LINE = Line("page of 20 ÷ the limit", "1,000/s", "1,100/s", "0.91", "≥ 0.95", met=False)


def test_a_runs_lines_replace_those_of_the_run_before() -> None:
    # given
    before = written("# X\n\n<!-- Reading -->\n<!-- end -->\n\nWhy.\n", {"Reading": []}, "run 1")
    # when
    page = written(before, {"Reading": [LINE]}, "run 2")
    # then
    assert "| page of 20 ÷ the limit | 1,000/s | 1,100/s | 0.91 | ≥ 0.95 | NO |" in page
    assert "*run 2.*" in page
    assert "run 1" not in page
    assert page.startswith("# X\n")
    assert page.endswith("<!-- end -->\n\nWhy.\n")


def test_a_section_without_a_place_on_the_page_is_refused() -> None:
    with pytest.raises(click.ClickException, match="no place for: Reading"):
        written("# X\n", {"Reading": [LINE]}, "run")


@pytest.mark.parametrize("name", SECTIONS)
def test_each_section_of_the_page_has_figures_of_one_run(name: str) -> None:
    # when
    [block] = re.findall(rf"<!-- {name} -->\n(.*?)<!-- end -->", PAGE.read_text(), re.DOTALL)
    # then
    heading, _, *lines = [line for line in block.splitlines() if line.startswith("|")]
    assert heading == f"| {' | '.join(HEADINGS)} |"
    assert lines
    assert re.search(
        r"^\*\d{4}-\d\d-\d\d, commit [0-9a-f]{7,}, .+ minutes\.\*$", block, re.MULTILINE
    )


def test_all_figures_on_the_page_are_of_the_same_run() -> None:
    # when
    runs = re.findall(RUN, PAGE.read_text(), re.MULTILINE)
    # then
    assert len(runs) == len(SECTIONS)
    assert len(set(runs)) == 1
