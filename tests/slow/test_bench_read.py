"""Tests of how bench.read judges replies: no wrong page is timed, and no bad reply counts."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.reading.ask import Asker, Figures
from bench.reading.comparing import rate_line
from bench.reading.pages import Question, Truth
from bench.reading.processes import gain_lines
from bench.reading.rounds import Cell, Rounds
from bench.reading.servers import Server
from bench.reading.sizes import QUICK
from bench.waiting import BenchError
from tests.support.answering import Writer, answering, reply

QUESTION = Question(practice=1, first=2)
GOOD = Figures(replies=100, rate=100, p50=1, p99=2, bad=0, first_bad="")
BAD = Figures(replies=100, rate=100, p50=1, p99=2, bad=3, first_bad="another reply")


class Known(Truth):
    """A truth that needs no database."""

    def __init__(self, page: dict[str, Any]) -> None:
        self._page = page

    async def page(self, question: Question) -> dict[str, Any]:  # noqa: ARG002
        return self._page


class OwnCursors(Server):
    """A server that spells cursors its own way."""

    own_cursors = True


def page(cursors: Sequence[str], *, name: str = "Ann", has_next: bool = True) -> dict[str, Any]:
    edges = [{"cursor": cursor, "node": {"name": name}} for cursor in cursors]
    return {"edges": edges, "pageInfo": {"hasNextPage": has_next, "endCursor": cursors[-1]}}


async def cell(directory: Path, found: object, kind: type[Server] = Server) -> Cell:
    """Return the cell of a server that replies ``found``; the page with cursors x, y is right."""

    async def answer(_: bytes, writer: Writer) -> None:
        writer.write(reply(json.dumps(found).encode()))

    async with answering(answer) as port:
        rounds = Rounds(Asker(directory / "ask"), QUICK, directory)
        return await rounds.cell(kind("peer", port, "{}"), Known(page("xy")), [QUESTION])


async def test_the_right_page_is_kept_to_be_compared(tmp_path: Path) -> None:
    # given
    right = {"data": {"recalls": page("xy")}}
    # when
    made = await cell(tmp_path, right)
    # then
    kept = made.pages.read_bytes()
    assert kept.endswith(json.dumps(right).encode())
    assert b"POST /graphql HTTP/1.1" in kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": {"recalls": page("xy", name="Eve")}},
        {"data": {"recalls": page("xy", has_next=False)}},
        {"data": {"recalls": page("yx")}},
        {"data": {"recalls": page("x")}},
        {"data": {"recalls": page("xy")}, "errors": [{"message": "oops"}]},
        {"data": None},
        [],
    ],
    ids=["node", "no next", "order", "fewer", "errors", "nothing", "no object"],
)
async def test_no_server_with_a_wrong_page_is_timed(tmp_path: Path, wrong: object) -> None:
    # when, then
    with pytest.raises(BenchError):
        await cell(tmp_path, wrong)


async def test_cursors_may_be_spelled_differently(tmp_path: Path) -> None:
    # when
    made = await cell(tmp_path, {"data": {"recalls": page("pq")}}, OwnCursors)
    # then
    assert made.pages.exists()


@pytest.mark.parametrize("cursors", ["pp", "pqr"], ids=["one twice", "one more"])
async def test_each_row_has_a_cursor_of_its_own(tmp_path: Path, cursors: str) -> None:
    # when, then
    with pytest.raises(BenchError):
        await cell(tmp_path, {"data": {"recalls": page(cursors)}}, OwnCursors)


@pytest.mark.parametrize("side", [0, 1], ids=["ours", "peer"])
def test_one_round_with_bad_replies_voids_the_line(side: int) -> None:
    # given
    sides = [[GOOD, GOOD], [GOOD, GOOD]]
    sides[side][1] = BAD
    # when
    line = rate_line("ours ÷ peer", *sides, at_least=0.8)
    # then
    assert (line.met, line.ratio) == (False, "")
    assert line.ours == "VOID: 3 bad replies, first: another reply"


def test_a_line_without_bad_replies_compares() -> None:
    # when
    line = rate_line("ours ÷ peer", [GOOD], [GOOD], at_least=0.8)
    # then
    assert (line.met, line.ratio, line.goal) == (True, "1.00", "≥ 0.8")


def test_a_line_without_a_goal_is_only_told() -> None:
    # when
    line = rate_line("ours ÷ peer", [GOOD], [GOOD])
    # then
    assert (line.met, line.ratio, line.goal) == (None, "1.00", "")


def test_what_a_second_process_brings_is_compared_round_by_round() -> None:
    # given rounds in which ours gains × 1.2 and × 1.5, the limit × 1.5 twice
    rates = ([120, 300], [100, 200], [450, 900], [300, 600])
    figures = [[replace(GOOD, rate=rate) for rate in side] for side in rates]
    # when
    *each, compared = gain_lines(*figures)
    # then
    assert [line.met for line in each] == [None, None]
    assert compared.ours == "× 1.35 (× 1.20 – × 1.50)"
    assert compared.ratio == "0.90 (0.80 – 1.00)"
    assert compared.met is False


def test_bad_replies_of_two_processes_void_the_comparison() -> None:
    # when
    lines = gain_lines([BAD], [GOOD], [GOOD], [GOOD])
    # then
    assert [line.met for line in lines] == [False, None, False]
