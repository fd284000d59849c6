"""What a test of the workers can ask for besides."""

from tests.support.served import served

__all__ = ["served"]
