"""All attacks, by the names that they are chosen by."""

from tests.siege.attack import ATTACKS
from tests.siege.attacks import documents, lists, staff, strangers, tokens

__all__ = ["ATTACKS", "documents", "lists", "staff", "strangers", "tokens"]
