"""revokePerson and restorePerson: keep people of the identity provider out, or let them back in."""

from typing import Annotated

import strawberry

from db import people
from schema.context import Info
from schema.inputs import read_id
from schema.types.access import Person
from schema.types.node import Problem


@strawberry.input
class RevokePersonInput:
    """The person to keep out."""

    id: strawberry.ID


@strawberry.input
class RestorePersonInput:
    """The person to let in again."""

    id: strawberry.ID


@strawberry.type
class UnknownPerson(Problem):
    """The practice has no such person."""


@strawberry.type
class OwnPerson(Problem):
    """You can't revoke yourself: there might be nobody left to let you in again."""


RevokePersonResult = Annotated[
    Person | UnknownPerson | OwnPerson, strawberry.union("RevokePersonResult")
]
RestorePersonResult = Annotated[Person | UnknownPerson, strawberry.union("RestorePersonResult")]


async def revoke_person(info: Info, input: RevokePersonInput) -> RevokePersonResult:  # noqa: A002
    """Keep a person out, whatever the identity provider says; you can't revoke yourself.

    Their changes are refused from this moment on, their reads within a second.
    """
    context, key = info.context, read_id(input.id, "Person", "id")
    if (context.viewer.kept_in, context.viewer.id) == ("people", key):
        return OwnPerson(message="That's you: ask another admin to do this. Nothing has changed.")
    await people.revoke_person(context.pool, context.practice_id, key, by=context.actor)
    return await _person(info, key)


async def restore_person(info: Info, input: RestorePersonInput) -> RestorePersonResult:  # noqa: A002
    """Let a revoked person in again, as the identity provider says."""
    context, key = info.context, read_id(input.id, "Person", "id")
    await people.restore_person(context.pool, context.practice_id, key, by=context.actor)
    return await _person(info, key)


async def _person(info: Info, key: int) -> Person | UnknownPerson:
    rows = await people.get_people(*info.context.scope, [key])
    if not rows:
        return UnknownPerson(message="We can't find that person. Nothing has changed.")
    return Person(row=rows[0])
