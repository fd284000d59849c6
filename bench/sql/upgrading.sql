-- Makes the practices that are migrated while they send: run after reading.sql, whose patients and
-- recalls it takes; one practice is nine times as large as each of the others. Called where no
-- trigger fires.

-- The practice of the patients whose number leaves this remainder: of 108, the first nine are 1.
create or replace function bench.practice_of(remainder bigint) returns integer
  language sql immutable parallel safe
  return greatest(1, remainder - 7);

-- A tenth of the recalls have had their first SMS, in one finished run of each practice.
create function bench.fill_history() returns void language sql set enable_nestloop = off as $$
  insert into runs (practice_id, trigger, state, actor, idempotency_key, arguments_hash,
                    started_at, finished_at)
    select id, 'AUTOMATED', 'FINISHED', 'Bench', 'history', '\x00',
           now() - interval '90 days', now() - interval '90 days'
    from practices;
  with messages as materialized (
    select r.practice_id, r.id as recall_id, r.patient_id, p.mobile, run.id as run_id,
           (row_number() over (partition by r.practice_id order by r.id) - 1) / 500 as position,
           least(r.due_date, current_date - 30) + time '10:00' as at,
           nextval('contact_attempts_id_seq') as id
    from recalls r
    join patients p on p.practice_id = r.practice_id and p.id = r.patient_id
    join runs run on run.practice_id = r.practice_id
    where p.mobile is not null and bench.die(r.id, 15, 10) = 0
  ), handed as (
    insert into chunks (practice_id, run_id, position, priority, state)
      select distinct practice_id, run_id, position, 1, 'DONE' from messages
  ), sent as (
    insert into contact_attempts (practice_id, id, patient_id, run_id, position, kind, trigger,
                                  state, mobile, body, gateway_id, actor, created_at,
                                  handed_over_at, settled_at)
      select practice_id, id, patient_id, run_id, position, 'SMS', 'AUTOMATED', 'DELIVERED', mobile,
             'Hi, your recall is due.', 'SM' || id, 'Bench', at, at, at
      from messages
  )
  insert into attempt_recalls (practice_id, attempt_id, recall_id, step)
    select practice_id, id, recall_id, 1 from messages;
$$;

-- Recalls of the category Results are for staff to send, those of all others for runs.
create function bench.leave_results_to_staff() returns void language sql as $$
  update categories set automated = false where name = 'Results';
  update practices set send_from = '00:00', send_until = '23:59:59';
$$;
