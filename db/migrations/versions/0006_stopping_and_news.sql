-- A held run gives staff time to think again; a stopped one hands over no more messages. And
-- clients that show a practice's lists are notified of changes.

alter table runs
  add column held_until timestamptz,                            -- no message is handed over before
  add column stopped_at timestamptz,                            -- messages still waiting then are cancelled
  add constraint runs_stopped_check check (stopped_at is null or state <> 'PLANNING');

alter table contact_attempts drop constraint contact_attempts_cancellation_check;
alter table contact_attempts add constraint contact_attempts_cancellation_check
  check (cancellation in ('PATIENT_CHANGED', 'RECALL_COMPLETED', 'NO_FURTHER_ACTION',
                          'MOBILE_CHANGED', 'NO_LONGER_DUE', 'RUN_STOPPED'));

alter table audit_events drop constraint audit_events_action_check;
alter table audit_events add constraint audit_events_action_check check (action in
  ('SIGNED_IN', 'PATIENT_VIEWED', 'RECALLS_SENT', 'RUN_STOPPED', 'CONSENT_OVERRIDDEN',
   'BLOCK_CHANGED', 'CONTACT_RECORDED', 'RECALLS_CLOSED', 'SETUP_CHANGED', 'TOKEN_CREATED',
   'TOKEN_REVOKED', 'AUDIT_EXPORTED'));

-- Notify that something of these kinds changed in the transaction's practice; PostgreSQL sends
-- equal notifications once per transaction. logic.announce_run reports handed-over messages, chunk
-- by chunk.
create function announce_change() returns trigger language plpgsql as $$
declare
  practice constant text := current_setting('recalls.practice', true);
begin
  for i in 0 .. tg_nargs - 1 loop
    if practice <> '' then perform pg_notify('changes', practice || ':' || tg_argv[i]); end if;
  end loop;
  return null;
end $$;
create trigger recalls_news after insert or update on recalls
  for each statement execute function announce_change('RECALLS');
create trigger patients_news after insert or update on patients
  for each statement execute function announce_change('RECALLS');
create trigger contact_attempts_news after insert on contact_attempts
  for each statement execute function announce_change('RECALLS');
-- Outcomes from a receipt, a late answer or the gateway's list. Not SENT to DELIVERED, which
-- changes no count and no recall but comes for each message: transactions that notify commit one by
-- one.
create trigger contact_attempts_fate_news after update of state on contact_attempts
  for each row when (new.state <> old.state and (
    old.state = 'UNKNOWN' or (old.state = 'SENT' and new.state <> 'DELIVERED')))
  execute function announce_change('RECALLS', 'RUNS');
create trigger blocked_communications_news after insert or update or delete
  on blocked_communications for each statement execute function announce_change('BLOCKS');
create trigger runs_news after insert on runs
  for each statement execute function announce_change('RUNS');
create trigger categories_news after insert or update on categories
  for each statement execute function announce_change('SETUP');
create trigger practices_news after update on practices
  for each statement execute function announce_change('SETUP');
