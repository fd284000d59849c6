"""Claims of an identity provider's token about a person: name, practice and role."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.identity import Role
from core.text import storable

MAX_SUBJECT_CHARACTERS, MAX_NAME_CHARACTERS = 255, 200
PRACTICE = re.compile(r"0*[1-9][0-9]{0,8}", re.ASCII)
PLACES = ("{practice}", "{role}")


def at(said: Mapping[str, Any], path: str) -> Any:
    """Return the claim with that name or at that dotted path, or None.

    A name may contain dots itself, as a URL or a client's id does.
    """
    if path in said:
        return said[path]
    for dot in re.finditer(r"\.", path):
        inner = said.get(path[: dot.start()])
        found = at(inner, path[dot.end() :]) if isinstance(inner, dict) else None
        if found is not None:
            return found
    return None


def name_of(said: Mapping[str, Any]) -> str:
    """Return the person's name: the first of these claims that can be stored, else the subject."""
    for claim in ("name", "preferred_username", "email"):
        name = said.get(claim)
        if isinstance(name, str) and storable(name) and name.strip():
            return name.strip()[:MAX_NAME_CHARACTERS]
    subject: str = said["sub"]
    return subject[:MAX_NAME_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Grants:
    """What the provider's roles and groups grant here.

    ``named`` maps each to its role, and to its practice if it is for one only; without any, they
    are named like our roles. ``groups`` matches group names that hold both.
    """

    named: Mapping[str, tuple[int | None, Role]]
    groups: re.Pattern[str] | None

    @classmethod
    def read(cls, roles: str, groups: str) -> "Grants":
        """Parse the settings RECALLS_OIDC_ROLES and RECALLS_OIDC_GROUPS. Raises ``ValueError``."""
        entries = [_entry(each.strip()) for each in roles.split(",") if each.strip()]
        named = dict(entries)
        if len(named) != len(entries):
            raise ValueError("RECALLS_OIDC_ROLES defines a role or group twice")
        return cls(named or {role.value: (None, role) for role in Role}, _pattern(groups))

    def of(self, practice: Any, roles: Any) -> tuple[int, Role] | None:
        """Return the practice and role that the two claims grant; None unless exactly one of each.

        A person who is granted two of either is refused. Which practice is meant can't be known,
        and one of two roles is a mistake: it might be the stronger, and using the weaker would hide
        that.
        """
        granted = list(self._granted(roles))
        practices = {one for one, _ in granted if one is not None}
        for value in _values(practice):
            number = str(value)
            if isinstance(value, bool) or not PRACTICE.fullmatch(number):
                return None
            practices.add(int(number))
        found = {role for _, role in granted}
        if len(practices) != 1 or len(found) != 1:
            return None
        return practices.pop(), found.pop()

    def _granted(self, roles: Any) -> Iterator[tuple[int | None, Role]]:
        """Yield what each role or group grants; most groups have nothing to do with us."""
        for value in _values(roles):
            if not isinstance(value, str) or len(value) > MAX_SUBJECT_CHARACTERS:
                continue
            if value in self.named:
                yield self.named[value]
            elif self.groups is not None and (match := self.groups.fullmatch(value)):
                known = self.named.get(match["role"])
                if known is not None and known[0] is None:
                    yield int(match["practice"]), known[1]


def _values(claim: Any) -> list[Any]:
    """Return a claim's values, whether it holds one or many."""
    if isinstance(claim, list):
        return claim
    return [] if claim is None else [claim]


def _entry(text: str) -> tuple[str, tuple[int | None, Role]]:
    """Parse ``desk=RECEPTIONIST`` or ``desk-3=3/RECEPTIONIST``. Raises ``ValueError``."""
    value, _, granted = text.rpartition("=")
    practice, slash, role = granted.strip().rpartition("/")
    if not value.strip() or role not in list(Role) or (slash and not PRACTICE.fullmatch(practice)):
        raise ValueError("RECALLS_OIDC_ROLES must be like desk=RECEPTIONIST,desk-3=3/RECEPTIONIST")
    return value.strip(), (int(practice) if slash else None, Role(role))


def _pattern(groups: str) -> re.Pattern[str] | None:
    if not groups:
        return None
    if any(groups.count(place) != 1 for place in PLACES):
        raise ValueError("RECALLS_OIDC_GROUPS must be like recalls/{practice}/{role}")
    practice, role = map(re.escape, PLACES)
    text = re.escape(groups).replace(practice, f"(?P<practice>{PRACTICE.pattern})")
    return re.compile(text.replace(role, "(?P<role>.+)"), re.ASCII)
