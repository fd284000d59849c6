"""Attacks with the attacker's own documents, if allowed, within one token's budget."""

from collections.abc import Callable
from typing import Any

from tests.siege.attack import BURST, RATE, Fight, On, attack
from tests.siege.wire import operation
from tests.support.operations import RECALLS

NEW = 45
"""Documents per second that were never seen before."""
RECALL = "id reason dueDate state patient { id firstName lastName }"


async def ask(fight: Fight, document: str, variables: Any = None, *, rate: float = RATE) -> None:
    """Send the same document at full budget."""
    asked = operation(fight.facts.attacked.receptionist, document, variables)
    await fight.flood(lambda _: asked, rate=rate, burst=BURST, lines=50)


async def ask_anew(fight: Fight, document: Callable[[int], str]) -> None:
    """Send a different document each time, at full budget."""
    token = fight.facts.attacked.receptionist
    await fight.flood(lambda n: operation(token, document(n)), rate=NEW, burst=BURST, lines=50)


def braced(selection: str) -> str:
    """Return the selection in braces."""
    return f"{{ {selection} }}"


def sharing(levels: int) -> str:
    """Return a query for patients and those who share their number, nested ``levels`` deep."""
    asked = "id firstName lastName"
    for _ in range(levels):
        asked = f"sharesMobileWith {{ {asked} }}"
    return (
        "query ($search: String!, $first: Int!) { recalls(first: $first,"
        f" filter: {{ search: $search }}) {{ nodes {{ patient {{ {asked} }} }} }} }}"
    )


@attack(On.OTHER_DOCUMENTS)
async def eighty_on_a_number(fight: Fight) -> None:
    """80 patients on one number, and who shares theirs, nested three deep."""
    variables = {"search": fight.facts.crowds["80"], "first": 40}
    await ask(fight, sharing(3), variables)


@attack(On.OTHER_DOCUMENTS)
async def two_hundred_on_a_number(fight: Fight) -> None:
    """200 patients on one number, and who shares theirs, nested two deep."""
    variables = {"search": fight.facts.crowds["200"], "first": 100}
    await ask(fight, sharing(2), variables)


@attack(On.OTHER_DOCUMENTS)
async def long_attempts(fight: Fight) -> None:
    """A recall's 300 attempts, their recalls and those recalls' attempts."""
    asked = "attempts { id kind note actor createdAt recalls { id attempts { id kind actor } } }"
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on Recall {{ {asked} }} }} }}"
    await ask(fight, document, {"id": fight.facts.busy_recall})


@attack(On.OTHER_DOCUMENTS)
async def long_histories(fight: Fight) -> None:
    """A number's history of 300 events, 40 times over."""
    asked = " ".join(
        f"a{n}: history {{ at actor source blockedRecalls listed note }}" for n in range(40)
    )
    document = (
        "query ($search: String!) { blockedCommunications(search: $search, first: 10)"
        f" {{ nodes {{ {asked} }} }} }}"
    )
    await ask(fight, document, {"search": fight.facts.busy_mobile})


@attack(On.OTHER_DOCUMENTS)
async def new_aliased_roots(fight: Fight) -> None:
    """Documents never seen before: 20 aliased fields at the root."""

    def document(n: int) -> str:
        asked = f"recalls(first: 1) {{ nodes {{ {RECALL} }} }}"
        return braced(" ".join(f"a{n}_{k}: {asked}" for k in range(20)))

    await ask_anew(fight, document)


@attack(On.OTHER_DOCUMENTS)
async def new_fragments(fight: Fight) -> None:
    """Documents never seen before: 50 fragments, all spread in one place."""

    def document(n: int) -> str:
        spread = " ".join(f"...F{n}_{k}" for k in range(50))
        made = " ".join(f"fragment F{n}_{k} on Recall {{ id reason }}" for k in range(50))
        return f"{{ recalls(first: 1) {{ nodes {{ {spread} }} }} }} {made}"

    await ask_anew(fight, document)


@attack(On.OTHER_DOCUMENTS)
async def new_repeats(fight: Fight) -> None:
    """Documents never seen before: one field 40 times."""
    asked = " ".join(["patient { id firstName lastName birthDate mobile }"] * 40)

    def document(n: int) -> str:
        return f"query Q{n} {{ recalls(first: 1) {{ nodes {{ {asked} }} }} }}"

    await ask_anew(fight, document)


@attack(On.OTHER_DOCUMENTS)
async def new_mistakes(fight: Fight) -> None:
    """Documents never seen before: 300 fields that don't exist."""

    def document(n: int) -> str:
        return braced("viewer " + braced(" ".join(f"no{n}_{k}" for k in range(300))))

    await ask_anew(fight, document)


@attack(On.OTHER_DOCUMENTS)
async def whole_pages(fight: Fight) -> None:
    """Pages of 100 recalls with all their fields."""
    await ask(fight, RECALLS, {"first": 100})


@attack(On.OTHER_DOCUMENTS)
async def searches(fight: Fight) -> None:
    """Searches, filters and counts, 20 per operation."""
    fields = " ".join(
        f'a{n}: recalls(first: 5, filter: {{ search: "Ann{n} Smi", blocked: false }})'
        " { totalCount nodes { id } }"
        for n in range(20)
    )
    await ask(fight, braced(fields))
