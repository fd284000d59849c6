"""Extra fixtures for tests of the API."""

from tests.support.identity_provider import idp, signing
from tests.support.importing import importing
from tests.support.served import noting, production, served

__all__ = ["idp", "importing", "noting", "production", "served", "signing"]
