"""Additional fixtures for tests of the portal."""

from tests.support.identity_provider import idp, signing
from tests.support.served import noting, production, served

__all__ = ["idp", "noting", "production", "served", "signing"]
