"""The fixtures of these tests: an API that is served."""

from tests.support.served import served

__all__ = ["served"]
