"""What a long proof can ask for besides."""

from tests.support.importing import importing
from tests.support.served import served

__all__ = ["importing", "served"]
