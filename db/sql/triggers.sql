-- Every trigger, by table. What they call is in the files of its purpose and is replaced without a
-- lock by each migration that finds it changed; a change here locks the tables for a moment, as a
-- revision does.

-- History is only ever added to.
create trigger audit_events_append_only before update or delete or truncate on audit_events
  for each statement execute function triggers.reject_change_of_history();
create trigger block_events_append_only before update or delete or truncate on block_events
  for each statement execute function triggers.reject_change_of_history();

-- The state machine drawn in docs/sending.md. A transition that isn't in it is a bug, and stops here.
create trigger contact_attempts_transition before update of state on contact_attempts
  for each row when (old.state <> new.state and (old.state, new.state) not in (
    ('QUEUED', 'SENDING'), ('QUEUED', 'REFUSED'), ('QUEUED', 'CANCELLED'),
    ('QUEUED', 'SENT'), ('QUEUED', 'DELIVERED'), ('QUEUED', 'UNDELIVERED'), ('QUEUED', 'FAILED'),
    ('SENDING', 'QUEUED'), ('SENDING', 'SENT'), ('SENDING', 'DELIVERED'),
    ('SENDING', 'UNDELIVERED'), ('SENDING', 'FAILED'), ('SENDING', 'UNKNOWN'),
    ('UNKNOWN', 'QUEUED'), ('UNKNOWN', 'SENT'), ('UNKNOWN', 'DELIVERED'),
    ('UNKNOWN', 'UNDELIVERED'), ('UNKNOWN', 'FAILED'),
    ('REFUSED', 'SENT'), ('REFUSED', 'DELIVERED'), ('REFUSED', 'UNDELIVERED'),
    ('REFUSED', 'FAILED'),
    ('CANCELLED', 'SENT'), ('CANCELLED', 'DELIVERED'), ('CANCELLED', 'UNDELIVERED'),
    ('CANCELLED', 'FAILED'),
    ('SENT', 'DELIVERED'), ('SENT', 'UNDELIVERED'), ('SENT', 'FAILED'),
    ('UNDELIVERED', 'DELIVERED'), ('FAILED', 'DELIVERED'), ('DONE', 'CANCELLED')))
  execute function triggers.reject_attempt_transition();

-- Steps and rounds of recalls (plan.sql, recall_status.sql).
create trigger contact_attempts_steps after update on contact_attempts
  referencing new table as changed for each statement execute function triggers.give_steps_back();
create trigger recalls_round before update of due_date on recalls
  for each row when (new.due_date > old.due_date) execute function triggers.begin_round();

-- The denormalised columns (denormalised_columns.sql).
create trigger recalls_columns before insert or update of patient_id, reason, urgency on recalls
  for each row execute function triggers.set_columns();
create trigger patients_columns after update on patients
  referencing new table as changed
  for each statement execute function triggers.refresh_of_patients();
create trigger blocked_communications_columns
  after insert or delete or update of mobile, blocked_recalls on blocked_communications
  for each row execute function triggers.refresh_of_number();
create trigger category_links_columns_insert after insert on category_links
  referencing new table as changed for each statement execute function triggers.refresh_of_links();
create trigger category_links_columns_update after update on category_links
  referencing new table as changed for each statement execute function triggers.refresh_of_links();
create trigger category_links_columns_delete after delete on category_links
  referencing old table as changed for each statement execute function triggers.refresh_of_links();
create trigger practices_columns after update of pms_product on practices
  for each row execute function triggers.refresh_of_practice();

-- The change feed (change_feed.sql).
create trigger recalls_notify after insert or update on recalls
  for each statement execute function triggers.notify_change('RECALLS');
create trigger patients_notify after insert or update on patients
  for each statement execute function triggers.notify_change('RECALLS');
create trigger contact_attempts_notify after insert on contact_attempts
  for each statement execute function triggers.notify_change('RECALLS');
-- By a receipt, a late answer or the gateway's list. A delivery changes no count and no recall, and
-- comes for each message, while transactions that notify commit one by one: it isn't notified.
create trigger contact_attempts_fate_notify after update of state on contact_attempts
  for each row when (old.state <> new.state and (
    old.state in ('UNKNOWN', 'REFUSED', 'CANCELLED', 'UNDELIVERED', 'FAILED', 'DONE')
    or (old.state = 'QUEUED' and new.state not in ('SENDING', 'REFUSED', 'CANCELLED'))
    or (old.state = 'SENT' and new.state <> 'DELIVERED')))
  execute function triggers.notify_change('RECALLS', 'RUNS');
create trigger blocked_communications_notify after insert or update or delete
  on blocked_communications for each statement execute function triggers.notify_change('BLOCKS');
create trigger runs_notify after insert or delete on runs
  for each statement execute function triggers.notify_change('RUNS');
create trigger categories_notify after insert or update on categories
  for each statement execute function triggers.notify_change('SETUP');
create trigger practices_notify after update on practices
  for each statement execute function triggers.notify_change('SETUP');
