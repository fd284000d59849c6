"""Spares the tests the search for garbage among what was imported, a tenth of their time."""

import gc

import pytest

MANY = 10_000
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Take what is there when the tests begin as there to stay, and look among the rest seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MANY)
    gc.enable()
