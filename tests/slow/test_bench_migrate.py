"""Tests of bench.migrate: it finds gaps, messages sent twice or lost, and a former release."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from bench.command import measured
from bench.databases import Databases
from bench.migrate import measure
from bench.releases import changed, replace_in
from bench.report import Line
from bench.upgrading.sizes import MigrateSizes
from bench.upgrading.watch import Account, arrival_times, longest_gap
from bench.waiting import BenchError
from dev.servers.running import ServerUrls

TINY = MigrateSizes(
    patients=4_000,
    recalls=10_000,
    blocks=500,
    running=50,
    by_hand=40,
    rate=20,
    least=3,
    peer_most=3,
)


@pytest.mark.parametrize(
    ("times", "gap"),
    [([3, 1, 2], 7), ([2, 9], 7), ([9], 9), ([], 10), ([-5, 8, 12], 8)],
    ids=["at the end", "within", "at the beginning", "none", "outside"],
)
def test_the_longest_gap(times: list[float], gap: float) -> None:
    # when, then
    assert longest_gap(times, 0, 10) == gap


def test_a_send_by_hand_that_never_arrives_is_none() -> None:
    # when
    found = arrival_times([("+1", 10.0), ("+2", 11.0)], [("+9", 10.1), ("+1", 10.5)])
    # then
    assert found == [0.5, None]


def test_messages_are_counted_by_number() -> None:
    # when
    account = Account.of(Counter({"+1": 2, "+2": 1}), Counter({"+1": 1, "+2": 1, "+3": 1}))
    # then
    assert account == Account(messages=3, twice=1, lost=1)
    assert [line.met for line in account.lines()] == [False, False]


def test_a_changed_release_differs_in_its_functions(tmp_path: Path) -> None:
    # when
    folder = changed(tmp_path / "one", lambda sql: (sql / "rule.sql").unlink())
    # then
    assert not (folder / "db" / "sql" / "rule.sql").exists()
    assert (folder / "core" / "logging.py").exists()


def test_a_text_that_is_no_longer_there_is_not_replaced(tmp_path: Path) -> None:
    # given
    script = tmp_path / "rule.sql"
    script.write_text("select 1")
    # when, then
    with pytest.raises(BenchError):
        replace_in(script, "select 2", "select 3")


@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_every_part_yields_figures() -> None:
    # given
    async def tiny(servers: ServerUrls, directory: Path) -> list[Line]:
        parts = ["same", "triggers", "columns"]
        return await measure(Databases(servers, directory), TINY, parts, None)

    # when
    lines = measured(tiny, roomy=0)
    # then
    assert [line.what for line in lines if not line.what.startswith(("  ", "messages"))] == [
        "nothing has changed",
        "triggers have changed",
        "the rule has changed",
    ]
    assert [line.ours for line in lines[-2:]] == ["0", "0"]
