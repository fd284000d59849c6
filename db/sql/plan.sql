-- Planning: turning recalls into a run's messages.

-- Writes the recalls' attempts into the run: one QUEUED message per draft, cut into chunks from
-- first_position on, and one REFUSED attempt per recall that the rule refuses hard. The caller
-- holds lock_steps.
create function logic.plan_messages(
  practice integer, run bigint, lines logic.message_line[], first_position integer,
  chunk_size integer, chunk_priority integer
) returns void language sql
  -- Or PostgreSQL would plan the check of each foreign key anew for each row, which takes longer than
  -- all the rest.
  set plan_cache_mode = force_generic_plan set enable_seqscan = off
begin atomic
  with seed as materialized (
    -- One for all, because each costs as much as the rest of a row. And the time now, not when the
    -- transaction began, which may have waited since for others who contacted these patients.
    select gen_random_uuid() as seed, clock_timestamp() as at
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
        state, refusal_reason, overridden_reason, mobile, body, actor,
        actor_kind, actor_id, reference, created_at, settled_at)
      select practice, d.attempt_id, d.patient_id, run, d.position, 'SMS', r.trigger,
             case when d.hard then 'REFUSED' else 'QUEUED' end,
             case when d.hard then d.sms_reason end,
             case when not d.hard then d.sms_reason end,
             d.mobile, d.body, case when r.trigger = 'MANUAL' then r.actor end,
             case when r.trigger = 'MANUAL' then r.actor_kind end,
             case when r.trigger = 'MANUAL' then r.actor_id end,
             md5(seed || ' ' || d.attempt_id)::uuid, seed.at, case when d.hard then seed.at end
      from draft d
      cross join seed
      join runs r on r.practice_id = practice and r.id = run
  )
  insert into attempt_recalls (practice_id, attempt_id, recall_id, round, step)
    select practice, d.attempt_id, u.recall_id, u.round, case when not d.hard then u.step end
    from draft d cross join unnest(d.recalls, d.rounds, d.steps) as u (recall_id, round, step);
end;

-- Like plan_messages, for the recalls with these ids, as the whole of a run.
create function logic.plan_recalls(
  practice integer, run bigint, recalls bigint[], chunk_size integer, chunk_priority integer
) returns void language sql
begin atomic
  select logic.plan_messages(practice, run, array(
    select s.line from unnest(recalls) wanted (id)
    cross join lateral (
      select s.line from logic.sendable_recall s
      where s.practice_id = practice and s.recall_id = wanted.id offset 0
    ) s), 0, chunk_size, chunk_priority);
end;

-- Was the same refusal the last thing that happened to the recall in this round? Then the schedule
-- doesn't record it again every day.
create function logic.refusal_is_known(practice integer, line logic.message_line) returns boolean
  language sql stable as $$
    select coalesce((
      select (a.refusal_reason, ar.round) = (line.sms_reason, line.round)
      from attempt_recalls ar
      join contact_attempts a on a.practice_id = practice and a.id = ar.attempt_id
      where ar.practice_id = practice and ar.recall_id = line.recall_id
      order by ar.attempt_id desc limit 1), false)
  $$;

create function logic.has_attempts(practice integer, run bigint) returns boolean
  language sql stable as $$
    select exists (select from contact_attempts a where a.practice_id = practice and a.run_id = run)
  $$;

-- What is due for the patients after `after_patient`, up to `last_patient` (null: the last): the
-- first `most` recalls, by patient, and all of the last patient's. In index order, so that nothing
-- is derived for those beyond.
create function logic.due_lines(
  practice integer, categories bigint[], scheduled boolean, after_patient bigint,
  last_patient bigint, most integer
) returns logic.message_line[] language sql stable
  set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off
begin atomic
  select array(
    select s.line from logic.sendable_recall s
    where s.practice_id = practice and s.patient_id > after_patient
      and s.patient_id <= coalesce(last_patient, 9223372036854775807)
      and logic.due_for_automation(s.state, s.automated, s.next_kind, s.under_way)
      and (categories is null or s.category_id = any (categories))
      and not (scheduled and logic.sms_block_hard((s.line).sms_reason)
               and logic.refusal_is_known(practice, s.line))
    order by s.patient_id fetch first (most) rows with ties);
end;

-- Plans what is due for the patients after `after_patient`, up to `last_patient` (null: the last),
-- at most a chunk's worth. Returns the last patient that it came to; null once there is nothing
-- beyond.
create function logic.plan_due(
  practice integer, run bigint, categories bigint[], scheduled boolean, after_patient bigint,
  last_patient bigint, first_position integer, chunk_size integer, chunk_priority integer
) returns bigint language sql
begin atomic
  with due as materialized (
    select logic.due_lines(practice, categories, scheduled, after_patient, last_patient,
                           chunk_size + 1) as lines
  ), part as materialized (
    select due.lines, case when cardinality(due.lines) > chunk_size
                      then (due.lines[chunk_size]).patient_id else last_patient end as ends_with
    from due
  )
  select part.ends_with
  from part, logic.plan_messages(practice, run, array(
    select l from unnest(part.lines) l
    where (l).patient_id <= coalesce(part.ends_with, 9223372036854775807)
  ), first_position, chunk_size, chunk_priority);
end;

-- Plans the next slice of an automated run that is PLANNING: what is due among the next `slice`
-- recalls, at most a chunk's worth, because writing takes far longer than looking. It ends with a
-- patient, so that no patient's recalls are cut apart. Returns true while there may be more. Each
-- call is a transaction, and a worker that dies between two leaves a run that another continues.
-- The caller holds lock_steps.
create function logic.plan_slice(
  practice integer, run bigint, slice integer, chunk_size integer, chunk_priority integer
) returns boolean language plpgsql as $$
declare
  part record;
  last_patient bigint;
begin
  select r.planned_patient, r.category_ids, r.scheduled_for is not null as scheduled,
         logic.has_attempts(practice, run) as begun,
         (select coalesce(max(c.position) + 1, 0) from chunks c
          where c.practice_id = practice and c.run_id = run) as next_position
    into part
    from runs r where r.practice_id = practice and r.id = run and r.state = 'PLANNING';
  if not found then return false; end if;

  select r.patient_id into last_patient
    from recalls r where r.practice_id = practice and r.patient_id > part.planned_patient
    order by r.patient_id offset slice - 1 limit 1;
  last_patient := logic.plan_due(
    practice, run, part.category_ids, part.scheduled, part.planned_patient, last_patient,
    part.next_position, chunk_size, chunk_priority);
  update runs r
    set planned_patient = coalesce(last_patient, r.planned_patient), plan_after = clock_timestamp(),
        state = case when last_patient is null then 'SENDING' else r.state end
    where r.practice_id = practice and r.id = run;
  if part.scheduled and not part.begun then
    if logic.has_attempts(practice, run) then
      insert into audit_events (practice_id, actor, actor_kind, action, subject)
        values (practice, 'Schedule', 'SCHEDULE', 'RECALLS_SENT', 'Run:' || run);
    elsif last_patient is null then
      delete from runs r where r.practice_id = practice and r.id = run;  -- it had nothing to do
    end if;
  end if;
  perform logic.close_run_if_done(practice, run);
  return last_patient is not null;
end $$;

-- Plans a slice of the next run whose practice's steps nobody is taking just now. Returns its
-- practice and run, and the SQLSTATE if planning raised, in which case the others go first for a
-- minute; nulls if every practice is busy; nothing if there is no run to plan.
create function logic.plan_next(slice integer, chunk_size integer, chunk_priority integer)
  returns table (practice_id integer, run_id bigint, problem text) language plpgsql as $$
declare
  turn record;
  busy boolean := false;
begin
  for turn in select * from logic.runs_to_plan() loop
    begin
      perform logic.enter(turn.practice_id);
      if not logic.try_lock_steps(turn.practice_id) then
        busy := true;
        continue;
      end if;
      perform logic.plan_slice(turn.practice_id, turn.run_id, slice, chunk_size, chunk_priority);
    exception when others then
      problem := sqlstate;
      perform logic.enter(turn.practice_id);
      update runs r set plan_after = logic.put_off(problem)
        where r.practice_id = turn.practice_id and r.id = turn.run_id;
    end;
    return query select turn.practice_id, turn.run_id, problem;
    return;
  end loop;
  if busy then return query select null::integer, null::bigint, null::text; end if;
end $$;
