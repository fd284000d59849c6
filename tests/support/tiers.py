"""The tiers `make test` and `make test-slow`, and how long a test may take."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

FULL = os.environ.get("RECALLS_PROOFS") == "full"
"""Whether the long proofs run at full length, as in `make test-slow`."""
SLOW = Path(__file__).parents[1] / "slow"
LONGEST = 8.0
"""Seconds a test may take in `make test`, set-up included, unless it says why it must take longer.

For a test with a core to itself; if n processes share a core, n times as long.
"""
TOO_LONG = Path("var") / "slow-tests.txt"

settings.register_profile(
    "tests",
    # Examples take longer when other tests run beside them; what matters is that they end.
    deadline=None,
    # Examples share the test's database: each creates a practice of its own.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("tests")


def length(short: int, full: int) -> int:
    """Return a proof's length: ``short`` for `make test`, ``full`` for `make test-slow`."""
    return full if FULL else short


def pytest_configure(config: pytest.Config) -> None:
    """Time tests in the process that reports the outcome; at full length, they may take long."""
    if not hasattr(config, "workerinput") and not FULL:
        config.pluginmanager.register(Times(len(config.getoption("tx", default=[]) or [])))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in tests/slow, and have each report say whether its test may take long."""
    for item in items:
        if SLOW in item.path.parents:
            item.add_marker(pytest.mark.slow)
        if any(item.iter_markers("slow")) or any(item.iter_markers("takes_long")):
            item.user_properties.append(("may take long", True))


class Times:
    """The tests that took too long, set-up included, without a reason."""

    def __init__(self, processes: int) -> None:
        self._longest = LONGEST * max(1.0, processes / len(os.sched_getaffinity(0)))
        self._seconds: dict[str, float] = {}
        self._excused: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the seconds of a test's phases."""
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0) + report.duration
        if ("may take long", True) in report.user_properties:
            self._excused.add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print which they are, and save that for the check in .ci/run."""
        found = sorted(
            f"{seconds:.1f} s  {name}"
            for name, seconds in self._seconds.items()
            if seconds > self._longest and name not in self._excused
        )
        TOO_LONG.parent.mkdir(exist_ok=True)
        TOO_LONG.write_text("".join(f"{line}\n" for line in found))
        if found:
            terminalreporter.section(f"over {self._longest:.0f} s, and no @takes_long says why")
            terminalreporter.write_line("\n".join(found))
