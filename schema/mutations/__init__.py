"""What clients can do: one mutation a file, gathered here."""

import strawberry

from schema.mutations.block_mobile import block_mobile
from schema.mutations.create_token import create_token
from schema.mutations.end_session import end_session
from schema.mutations.mark_no_further_action import mark_no_further_action
from schema.mutations.record_contact_attempt import record_contact_attempt
from schema.mutations.remove_blocked_mobile import remove_blocked_mobile
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
from schema.roles import ADMIN, CONNECTOR, STAFF


@strawberry.type
class Mutation:
    """Everything here is of the viewer's practice."""

    block_mobile = strawberry.mutation(block_mobile, extensions=STAFF)
    set_blocked_recalls = strawberry.mutation(set_blocked_recalls, extensions=STAFF)
    remove_blocked_mobile = strawberry.mutation(remove_blocked_mobile, extensions=STAFF)

    send_recalls = strawberry.mutation(send_recalls, extensions=STAFF)
    start_automated_run = strawberry.mutation(start_automated_run, extensions=STAFF)
    stop_run = strawberry.mutation(stop_run, extensions=STAFF)
    record_contact_attempt = strawberry.mutation(record_contact_attempt, extensions=STAFF)
    mark_no_further_action = strawberry.mutation(mark_no_further_action, extensions=STAFF)

    save_category = strawberry.mutation(save_category, extensions=ADMIN)
    save_preferences = strawberry.mutation(save_preferences, extensions=ADMIN)
    create_token = strawberry.mutation(create_token, extensions=ADMIN)
    revoke_token = strawberry.mutation(revoke_token, extensions=ADMIN)
    revoke_person = strawberry.mutation(revoke_person, extensions=ADMIN)
    restore_person = strawberry.mutation(restore_person, extensions=ADMIN)
    start_session = strawberry.mutation(start_session, extensions=STAFF)
    end_session = strawberry.mutation(end_session, extensions=STAFF)

    sync_patients = strawberry.mutation(sync_patients, extensions=CONNECTOR)
    sync_recalls = strawberry.mutation(sync_recalls, extensions=CONNECTOR)
