"""The mutation root: what clients can do, gathered from one file per mutation."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension

from schema.mutations.block_mobile import block_mobile
from schema.mutations.consent_checks import record_consent_checks, remove_consent_checks
from schema.mutations.create_token import create_token
from schema.mutations.end_session import end_session
from schema.mutations.mark_no_further_action import mark_no_further_action
from schema.mutations.record_contact_attempt import (
    record_contact_attempt,
    record_contact_attempts,
)
from schema.mutations.remove_blocked_mobile import remove_blocked_mobile
from schema.mutations.reopen_recalls import reopen_recalls
from schema.mutations.revoke_person import restore_person, revoke_person
from schema.mutations.revoke_token import revoke_token
from schema.mutations.save_category import save_category
from schema.mutations.save_preferences import save_preferences
from schema.mutations.send_recalls import send_recalls
from schema.mutations.set_blocked_recalls import set_blocked_recalls
from schema.mutations.start_automated_run import start_automated_run
from schema.mutations.start_session import start_session
from schema.mutations.stop_run import stop_run
from schema.mutations.sync_patients import sync_patients
from schema.mutations.sync_recalls import sync_recalls
from schema.mutations.undo_contact_attempts import undo_contact_attempts
from schema.roles import ADMIN, CONNECTOR, STAFF


def _mutation(resolver: Callable[..., Any], extensions: list[FieldExtension]) -> Any:
    """Declare a mutation; the resolver's docstring is its description."""
    description = " ".join((resolver.__doc__ or "").split())
    return strawberry.mutation(resolver, description=description, extensions=extensions)


@strawberry.type
class Mutation:
    """All data is that of the viewer's practice."""

    block_mobile = _mutation(block_mobile, STAFF)
    set_blocked_recalls = _mutation(set_blocked_recalls, STAFF)
    remove_blocked_mobile = _mutation(remove_blocked_mobile, STAFF)

    record_consent_checks = _mutation(record_consent_checks, STAFF)
    remove_consent_checks = _mutation(remove_consent_checks, STAFF)
    send_recalls = _mutation(send_recalls, STAFF)
    start_automated_run = _mutation(start_automated_run, STAFF)
    stop_run = _mutation(stop_run, STAFF)
    record_contact_attempt = _mutation(record_contact_attempt, STAFF)
    record_contact_attempts = _mutation(record_contact_attempts, STAFF)
    undo_contact_attempts = _mutation(undo_contact_attempts, STAFF)
    mark_no_further_action = _mutation(mark_no_further_action, STAFF)
    reopen_recalls = _mutation(reopen_recalls, STAFF)

    save_category = _mutation(save_category, ADMIN)
    save_preferences = _mutation(save_preferences, ADMIN)
    create_token = _mutation(create_token, ADMIN)
    revoke_token = _mutation(revoke_token, ADMIN)
    revoke_person = _mutation(revoke_person, ADMIN)
    restore_person = _mutation(restore_person, ADMIN)
    start_session = _mutation(start_session, STAFF)
    end_session = _mutation(end_session, STAFF)

    sync_patients = _mutation(sync_patients, CONNECTOR)
    sync_recalls = _mutation(sync_recalls, CONNECTOR)
