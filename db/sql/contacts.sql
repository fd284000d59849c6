-- Calls made and letters posted, as staff record them; and the recalls that need somebody because
-- the last SMS about them went wrong.

-- Records a contact of this kind for each of the recalls, whose idempotency keys are beside them
-- (null: none). Leaves out those that aren't open, whose patient nobody contacts any more, or that
-- aren't in the tab (null: whichever). What is queued for a recall is cancelled first, and gives its
-- step back; the contact takes the step that is due. Returns a row for each recall: its attempt, or
-- null if it was left out; `known` if its key had been used, `conflict` if for something else. The
-- caller holds lock_steps.
create function logic.record_contacts(
  practice integer, recalls bigint[], keys text[], contact_kind text, contact_note text,
  in_tab text, by_actor text, by_actor_kind text, by_actor_id bigint
) returns table (recall_id bigint, attempt_id bigint, patient_id bigint, known boolean,
                 conflict boolean)
  language plpgsql
  -- Planning each statement anew would take longer than running it.
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  wanted record;
  due record;
begin
  for wanted in select w.recall, w.key from unnest(recalls, keys) w (recall, key) loop
    recall_id := wanted.recall;
    select a.id, a.patient_id, a.kind <> contact_kind or ar.recall_id <> wanted.recall
      into attempt_id, patient_id, conflict
      from contact_attempts a
      join attempt_recalls ar on ar.practice_id = practice and ar.attempt_id = a.id
      where a.practice_id = practice and a.idempotency_key = wanted.key;
    known := found;
    if not found then
      conflict := false;
      select s.patient_id, s.round, s.due_step, s.under_way into due
        from logic.recall_status s
        where s.practice_id = practice and s.recall_id = wanted.recall
          and logic.open_to_contact(s.state, s.sms_reason)
          and s.tab is not distinct from coalesce(in_tab, s.tab);
      if found then
        if due.under_way then
          perform logic.cancel_queued(practice, wanted.recall);
          select s.patient_id, s.round, s.due_step, s.under_way into due
            from logic.recall_status s
            where s.practice_id = practice and s.recall_id = wanted.recall;
        end if;
        patient_id := due.patient_id;
        insert into contact_attempts (practice_id, patient_id, kind, trigger, state, note, actor,
                                      actor_kind, actor_id, created_at, settled_at,
                                      idempotency_key)
          values (practice, due.patient_id, contact_kind, 'MANUAL', 'DONE', contact_note, by_actor,
                  by_actor_kind, by_actor_id, clock_timestamp(), clock_timestamp(), wanted.key)
          returning id into attempt_id;
        insert into attempt_recalls (practice_id, attempt_id, recall_id, round, step)
          values (practice, attempt_id, wanted.recall, due.round, due.due_step);
      end if;
    end if;
    return next;
  end loop;
end $$;

-- Undoes calls and letters, which gives their steps back. Returns those that it undid; one that had
-- been undone before isn't among them.
create function logic.undo_contacts(practice integer, attempts bigint[])
  returns table (attempt_id bigint, patient_id bigint) language sql as $$
    update contact_attempts a
      set state = 'CANCELLED', cancellation = 'UNDONE', settled_at = clock_timestamp()
      where a.practice_id = practice and a.id = any (attempts) and a.state = 'DONE'
      returning a.id, a.patient_id
  $$;

-- Is an UNKNOWN message still looked up at the gateway? If it never arrived there, it is sent then.
create function logic.is_looked_up(practice integer, run bigint, chunk integer) returns boolean
  language sql stable parallel safe
  return exists (select from chunks c
                 where c.practice_id = practice and c.run_id = run and c.position = chunk
                   and c.look_at is not null);

-- The open recalls whose last attempt, apart from cancelled ones, is a message of their round that
-- the gateway refused or couldn't deliver, or of which nobody knows whether it arrived: not while it
-- is looked up, for as long as that normally takes.
create function logic.needs_attention(practice integer) returns setof bigint
  language sql stable parallel safe
begin atomic
  select r.id
  from contact_attempts a
  join attempt_recalls ar on ar.practice_id = practice and ar.attempt_id = a.id
  join recalls r on r.practice_id = practice and r.id = ar.recall_id
  where a.practice_id = practice and a.state in ('FAILED', 'UNDELIVERED', 'UNKNOWN')
    and ar.round = r.round and not r.completed and r.no_further_action_at is null
    and not logic.beyond_contact(r.sms_reason)
    and not exists (
      select from attempt_recalls later
      join contact_attempts l on l.practice_id = practice and l.id = later.attempt_id
      where later.practice_id = practice and later.recall_id = r.id and l.id > a.id
        and l.state <> 'CANCELLED')
    and (a.state <> 'UNKNOWN' or a.handed_over_at < now() - interval '15 minutes'
         or not logic.is_looked_up(practice, a.run_id, a.position));
end;
