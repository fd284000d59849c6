-- Rounds of a recall, steps given back, and the order in which runs are worked on.

-- If a PMS uses a recall again, under the same id and with a later date, its steps start over. The
-- diagram is in docs/recalls.md.
alter table recalls add column round integer not null default 1 check (round > 0);
alter table attempt_recalls add column round integer not null default 1 check (round > 0);
alter table attempt_recalls drop constraint attempt_recalls_practice_id_recall_id_step_key;
alter table attempt_recalls add unique (practice_id, recall_id, round, step);

create function begin_round() returns trigger language plpgsql as $$
declare
  done constant boolean := old.completed or new.completed;
begin
  if logic.begins_round(new.practice_id, done, new.due_date) then
    new.round := old.round + 1;
    if done then
      new.no_further_action_at := null;  -- it applied to the finished round
      new.no_further_action_by := null;
    end if;
  end if;
  return new;
end $$;
create trigger recalls_round before update of due_date on recalls
  for each row when (new.due_date > old.due_date) execute function begin_round();

-- Only an attempt that reached the patient, or may have, takes a step.
create function give_steps_back() returns trigger language plpgsql as $$
begin
  perform logic.give_steps_back(practice_id, array_agg(id)) from changed
    where state in ('REFUSED', 'CANCELLED', 'FAILED', 'UNDELIVERED') group by practice_id;
  return null;
end $$;
create trigger contact_attempts_steps after update on contact_attempts
  referencing new table as changed for each statement execute function give_steps_back();

-- Staff weren't asked about a patient whose consent was withdrawn after the send.
alter table contact_attempts drop constraint contact_attempts_cancellation_check;
alter table contact_attempts add constraint contact_attempts_cancellation_check
  check (cancellation in ('PATIENT_CHANGED', 'RECALL_COMPLETED', 'NO_FURTHER_ACTION',
                          'MOBILE_CHANGED', 'NO_LONGER_DUE', 'RUN_STOPPED', 'CONSENT_WITHDRAWN'));

-- The same key means the same call or letter, however often it is recorded.
alter table contact_attempts
  add column idempotency_key text check (length(idempotency_key) between 1 and 200),
  add constraint contact_attempts_key_check check (idempotency_key is null or kind <> 'SMS');
create unique index contact_attempts_key on contact_attempts (practice_id, idempotency_key)
  where idempotency_key is not null;

-- STOPPED: its run was stopped, and its queued messages are still to be cancelled.
alter table chunks drop constraint chunks_state_check;
alter table chunks add constraint chunks_state_check
  check (state in ('READY', 'CLAIMED', 'STOPPED', 'UNSURE', 'DONE'));
create index chunks_stopped on chunks (not_before) where state = 'STOPPED';
update chunks c set state = 'STOPPED' from runs r
  where c.state = 'READY' and r.practice_id = c.practice_id and r.id = c.run_id
    and r.stopped_at is not null;

-- When to ask the gateway about its UNKNOWN messages, whatever else it waits for; null: never.
alter table chunks add column look_at timestamptz;
update chunks c set look_at = not_before
  where c.state = 'UNSURE' or c.state <> 'DONE' and exists (
    select from contact_attempts a
    where a.practice_id = c.practice_id and a.run_id = c.run_id and a.position = c.position
      and a.state = 'UNKNOWN');
alter table chunks
  add check (state <> 'UNSURE' or look_at is not null),
  add check (state <> 'DONE' or look_at is null);
drop index chunks_unsure;
create index chunks_look_at on chunks (look_at) where look_at is not null;

-- The order of planning: the run that has waited longest since its last slice comes first.
alter table runs add column plan_after timestamptz not null default now();

-- A run of the schedule that had nothing to do is deleted.
drop trigger runs_news on runs;
create trigger runs_news after insert or delete on runs
  for each statement execute function announce_change('RUNS');
