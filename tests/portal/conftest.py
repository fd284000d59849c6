"""What a test of the portal can ask for besides."""

from tests.support.identity_provider import idp, signing
from tests.support.served import noting, production, served

__all__ = ["idp", "noting", "production", "served", "signing"]
