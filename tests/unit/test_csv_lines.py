"""Tests of the CSV lines that we write: they read back as they were, and none is a formula."""

import csv
import io

import pytest

from api.csv_lines import line


def read(text: str, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+61491570006", "-1", "@SUM(A1)", "\tx", "\r=x", "\nx", " =1", "\u00a0=1"),
        *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "\u3000\uff1d1", "\ufeff=1", "'=1", '"=1'),
    ],
)
def test_no_cell_is_a_formula(cell: str) -> None:
    # when
    [row] = read(line([cell, 'a "b", c\nd', None, 5]))
    # then
    assert row == [f"'{cell}", 'a "b", c\nd', "", "5"]


@pytest.mark.parametrize("cell", ["x;=cmd|' /C calc'!A0", "x\n=1", "x; \uff1d1", "x\t@SUM(A1)"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_no_cell_is_a_formula_with_another_separator(cell: str, separator: str) -> None:
    # when
    rows = read(line(["a", cell, "b"]), separator)
    # then
    cells = [each.lstrip(' "') for row in rows for each in row]
    assert not [each for each in cells if each.startswith(("=", "@", "\uff1d"))]


def test_every_cell_is_quoted_and_a_line_ends_as_the_standard_says() -> None:
    assert line(["a", None, 'b"c']) == '"a","","b""c"\r\n'


def test_a_text_reads_back_as_it_was() -> None:
    # given
    text = "Zoë - 5 = 5; a+b, a@b.example"
    # then
    assert read(line([text])) == [[text]]
