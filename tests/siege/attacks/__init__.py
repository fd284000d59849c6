"""All attacks, by name."""

from tests.siege.attack import ATTACKS
from tests.siege.attacks import documents, lists, staff, strangers, tokens

__all__ = ["ATTACKS", "documents", "lists", "staff", "strangers", "tokens"]
