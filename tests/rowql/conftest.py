"""Extra fixtures for tests of rowql."""

import pytest

from rowql import CompiledQueries
from tests.rowql.library import schema


@pytest.fixture
def queries() -> CompiledQueries:
    """The library's compiled queries, with nothing compiled yet."""
    return CompiledQueries(schema)
