"""The fixture of these tests: a served API."""

from tests.support.served import served

__all__ = ["served"]
