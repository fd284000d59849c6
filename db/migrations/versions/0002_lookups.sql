-- State for look-ups of UNKNOWN messages at the gateway, one more reason to cancel, and the answer
-- to repeat for a run's idempotency key.

-- UNSURE: no message is left to send, and the gateway is being asked what became of the rest.
alter table chunks drop constraint chunks_state_check;
alter table chunks add constraint chunks_state_check
  check (state in ('READY', 'CLAIMED', 'UNSURE', 'DONE'));
create index chunks_unsure on chunks (not_before) where state = 'UNSURE';

alter table contact_attempts drop constraint contact_attempts_cancellation_check;
alter table contact_attempts add constraint contact_attempts_cancellation_check
  check (cancellation in ('PATIENT_CHANGED', 'RECALL_COMPLETED', 'NO_FURTHER_ACTION',
                          'MOBILE_CHANGED', 'NO_LONGER_DUE'));

-- The state machine drawn in docs/sending.md, now with UNKNOWN to QUEUED, for a message that the
-- gateway's list shows it never took.
drop trigger contact_attempts_transition on contact_attempts;
create trigger contact_attempts_transition before update of state on contact_attempts
  for each row when (old.state <> new.state and (old.state, new.state) not in (
    ('QUEUED', 'SENDING'), ('QUEUED', 'REFUSED'), ('QUEUED', 'CANCELLED'),
    ('SENDING', 'QUEUED'), ('SENDING', 'SENT'), ('SENDING', 'DELIVERED'),
    ('SENDING', 'UNDELIVERED'), ('SENDING', 'FAILED'), ('SENDING', 'UNKNOWN'),
    ('UNKNOWN', 'QUEUED'), ('UNKNOWN', 'SENT'), ('UNKNOWN', 'DELIVERED'),
    ('UNKNOWN', 'UNDELIVERED'), ('UNKNOWN', 'FAILED'),
    ('SENT', 'DELIVERED'), ('SENT', 'UNDELIVERED'), ('SENT', 'FAILED')))
  execute function reject_attempt_transition();

-- Whether there was something to send when the run was requested. The same key gets the same
-- answer, whatever became of the run.
alter table runs add column accepted boolean not null default true;
update runs r set accepted = false
  where state <> 'PLANNING' and not exists (
    select from chunks c where c.practice_id = r.practice_id and c.run_id = r.id);
