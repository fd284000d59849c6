"""Additional fixtures for the long proofs."""

from tests.support.importing import importing
from tests.support.served import served

__all__ = ["importing", "served"]
