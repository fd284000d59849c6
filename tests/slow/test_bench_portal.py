"""Tests of bench.portal: every part yields figures, and growth is found."""

import json
import shutil
from pathlib import Path

import pytest

from bench.browsing.day import Hour, grown
from bench.browsing.desk import Held
from bench.browsing.sizes import BrowseSizes
from bench.browsing.snapshot import data_bytes
from bench.command import measured
from bench.databases import Databases
from bench.portal import PARTS, Rows, measure_on
from bench.report import Line
from dev.screens import CHROMIUM
from dev.servers.running import ServerUrls
from tests.support.browser import PORTAL

TINY = BrowseSizes(patients=400, recalls=800, blocks=20, rounds=1, depth=200, hours=2, actions=3)
NEEDED = [CHROMIUM, shutil.which("cc"), (PORTAL / "dist").is_dir()]


def hour(
    *,
    heap: float = 5,
    data: float = 2,
    nodes: int = 900,
    listeners: int = 300,
    api: float = 80,
) -> Hour:
    return Hour(Held(heap, data, nodes, listeners, documents=2), api)


def test_a_snapshot_is_read_for_the_pages_own_data() -> None:
    # given
    meta = {"node_fields": ["type", "self_size"], "node_types": [["code", "object", "string"]]}
    snapshot = json.dumps({"snapshot": {"meta": meta}, "nodes": [0, 1000, 1, 20, 2, 3]})
    # when
    found = data_bytes([snapshot[:20], snapshot[20:]])
    # then
    assert found == 23


@pytest.mark.parametrize(
    ("last", "missed"),
    [
        (hour(), []),
        (hour(heap=5.4), []),
        (hour(heap=5.6), ["heap"]),
        (hour(data=2.3), ["data in the heap"]),
        (hour(nodes=1_000), ["DOM nodes"]),
        (hour(listeners=340), ["event listeners"]),
        (hour(api=100), ["the API's memory"]),
    ],
    ids=["nothing", "a little", "heap", "data", "nodes", "listeners", "API"],
)
def test_what_grew_misses_its_goal(last: Hour, missed: list[str]) -> None:
    # when
    lines = grown(hour(), last)
    # then
    assert [line.what.partition(":")[0] for line in lines if not line.met] == missed


@pytest.mark.timeout(300)
@pytest.mark.skipif(not all(NEEDED), reason="no Chromium, C compiler or built portal here")
def test_every_part_yields_figures() -> None:
    # given
    async def tiny(servers: ServerUrls, directory: Path) -> tuple[list[Line], Rows]:
        return await measure_on(Databases(servers, directory), TINY, PARTS)

    # when
    lines, hours = measured(tiny, roomy=0)
    # then
    assert [line.what.partition(",")[0] for line in lines if "ms" in line.goal][:3] == [
        "first rows painted",
        "first rows painted",
        "move to the next row",
    ]
    assert all(line.ours for line in lines)
    assert len(hours) == TINY.hours + 1
