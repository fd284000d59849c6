-- Planning: turning recalls into messages of a run.

-- Locks. Blocks and claims of a practice exclude each other (1), so that a claim either comes
-- before a block and is waited for, or comes after it and sees it. Whatever takes steps of a
-- practice's recalls (2) goes one after the other, so that no two plan the same step.
create function logic.lock_claims_against_block(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock_shared(1, practice) $$;
create function logic.lock_block_against_claims(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(1, practice) $$;
create function logic.lock_steps(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(2, practice) $$;

-- Does automation contact the recall now? An open one of an automated category, at an SMS step, due,
-- and with no message on its way. The rule decides later which are sent; all are looked at.
create function logic.due_for_automation(
  state text, automated boolean, next_kind text, under_way boolean
) returns boolean
  language sql immutable parallel safe
  return state = 'TO_ACTION' and automated and next_kind = 'SMS' and not under_way;

-- Writes the attempts of the recalls into the run: one QUEUED message for each draft, cut into
-- chunks from first_position on, and one REFUSED attempt for each recall that the rule refuses
-- hard. The caller holds lock_steps.
create function logic.plan_messages(
  practice integer, run bigint, lines logic.message_line[], first_position integer,
  chunk_size integer, chunk_priority integer
) returns void language sql as $$
  with seed as materialized (
    select gen_random_uuid() as seed  -- one for all: each costs as much as the rest of a row
  ), draft as materialized (
    select nextval('contact_attempts_id_seq') as attempt_id, d.*,
           case when not d.hard then first_position
             + ((row_number() over (partition by d.hard order by d.patient_id) - 1)
                / chunk_size)::integer end as position
    from logic.draft_messages(practice, lines) d
  ), new_chunks as (
    insert into chunks (practice_id, run_id, position, priority)
      select distinct practice, run, d.position, chunk_priority from draft d where not d.hard
  ), new_attempts as (
    insert into contact_attempts (practice_id, id, patient_id, run_id, position, kind, trigger,
        state, refusal_reason, overridden_reason, mobile, body, actor, reference, settled_at)
      select practice, d.attempt_id, d.patient_id, run, d.position, 'SMS', r.trigger,
             case when d.hard then 'REFUSED' else 'QUEUED' end,
             case when d.hard then d.sms_reason end,
             case when not d.hard then d.sms_reason end,
             d.mobile, d.body, case when r.trigger = 'MANUAL' then r.actor end,
             md5(seed || ' ' || d.attempt_id)::uuid, case when d.hard then now() end
      from draft d
      cross join seed
      join runs r on r.practice_id = practice and r.id = run
  )
  insert into attempt_recalls (practice_id, attempt_id, recall_id, step)
    select practice, d.attempt_id, u.recall_id, case when not d.hard then u.step end
    from draft d cross join unnest(d.recalls, d.steps) as u (recall_id, step)
$$;

-- Plans the next `slice` recalls of an automated run that is PLANNING: those of as many patients,
-- so that no patient's are cut apart. Gives back true while there may be more. Each call is a
-- transaction, and a worker that dies between two leaves a run that another goes on with.
create function logic.plan_slice(
  practice integer, run bigint, slice integer, chunk_size integer, chunk_priority integer
) returns boolean language plpgsql as $$
declare
  part record;
  last_patient bigint;
begin
  perform logic.lock_steps(practice);
  select r.planned_patient, r.category_ids,
         (select coalesce(max(c.position) + 1, 0) from chunks c
          where c.practice_id = practice and c.run_id = run) as next_position
    into part
    from runs r where r.practice_id = practice and r.id = run and r.state = 'PLANNING';
  if not found then return false; end if;

  select r.patient_id into last_patient
    from recalls r where r.practice_id = practice and r.patient_id > part.planned_patient
    order by r.patient_id offset slice - 1 limit 1;
  perform logic.plan_messages(
    practice, run,
    array(
      select s.line from logic.sendable_recall s
      where s.practice_id = practice and s.patient_id > part.planned_patient
        and s.patient_id <= coalesce(last_patient, 9223372036854775807)
        and logic.due_for_automation(s.state, s.automated, s.next_kind, s.under_way)
        and (part.category_ids is null or s.category_id = any (part.category_ids))),
    part.next_position, chunk_size, chunk_priority);
  update runs r
    set planned_patient = coalesce(last_patient, r.planned_patient),
        state = case when last_patient is null then 'SENDING' else r.state end
    where r.practice_id = practice and r.id = run;
  perform logic.close_run_if_done(practice, run);
  return last_patient is not null;
end $$;
