-- A manual send: one statement that locks, decides, plans and commits, so that others wait for no
-- round trip.

-- Accepts a manual send of the recalls `wanted`, whose ids are sorted, as a run under its key; or
-- sends nothing and says why. `proceed` overrides withheld consent for the `confirmed` recalls, or
-- for all if that is null. Returns one of:
--   run_id     the key's run, new or known; `conflict` if the key was used with other arguments, and
--              `accepted` unless all of it was refused
--   unknown    ids that aren't recalls of the practice
--   to_ask     recalls that staff must decide about first; `clear` counts those that nothing blocks,
--              `refused` has the reason of each that is blocked hard
--   none       `skipped` counts those closed or with a message on its way: all of them
-- Each statement sees what was committed before it began: hence the lock by itself, before the first
-- one that reads.
create function logic.send_recalls(
  practice integer, wanted bigint[], proceed boolean, confirmed bigint[], key text, hash bytea,
  hold interval, chunk_size integer, chunk_priority integer,
  actor text, actor_kind text, actor_id bigint, role text, origin text,
  out run_id bigint, out conflict boolean, out accepted boolean, out skipped integer,
  out unknown bigint[], out to_ask bigint[], out clear integer, out refused text[]
) language plpgsql
  -- Planning each statement anew would take longer than running it.
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  recalls_open bigint[];
  withheld bigint[];
  sent bigint[];
  overridden bigint[];
  run_subject text;
begin
  perform logic.lock_steps(practice);
  select r.id, r.arguments_hash <> hash, r.accepted, r.skipped
    into run_id, conflict, accepted, skipped
    from runs r where r.practice_id = practice and r.idempotency_key = key;
  if found then return; end if;

  -- One look-up by key for each, whatever the planner believes about the tables.
  select coalesce(array_agg(w.id order by w.id) filter (where s.recall_id is null), '{}'),
         coalesce(array_agg(w.id) filter (where s.sendable), '{}'),
         coalesce(array_agg(w.id order by w.id)
                    filter (where s.sendable and logic.sms_block_overridable(s.sms_reason)), '{}'),
         count(*) filter (where s.sendable and s.sms_reason is null),
         coalesce(array_agg(s.sms_reason)
                    filter (where s.sendable and logic.sms_block_hard(s.sms_reason)), '{}')
    into unknown, recalls_open, withheld, clear, refused
    from unnest(wanted) w (id)
    left join lateral (
      select s.recall_id, s.sms_reason, logic.open_to_staff(s.state, s.under_way) as sendable
      from logic.recall_status s where s.practice_id = practice and s.recall_id = w.id offset 0
    ) s on true;
  if unknown <> '{}' then return; end if;
  skipped := cardinality(wanted) - cardinality(recalls_open);
  to_ask := case when not proceed then withheld
                 when confirmed is null then '{}'
                 else array(select w from unnest(withheld) w where w <> all (confirmed) order by w)
            end;
  if to_ask <> '{}' or recalls_open = '{}' then return; end if;

  insert into runs (practice_id, trigger, state, actor, actor_kind, actor_id, idempotency_key,
                    arguments_hash, skipped, held_until)
    values (practice, 'MANUAL', 'SENDING', actor, actor_kind, actor_id, key, hash, skipped,
            now() + hold)
    returning id into run_id;
  perform logic.plan_recalls(practice, run_id, recalls_open, chunk_size, chunk_priority);
  -- If consent is withdrawn at this moment, nobody was asked about it: the claim stops the message.
  update contact_attempts a set overridden_reason = null
    where a.practice_id = practice and a.run_id = send_recalls.run_id
      and a.overridden_reason is not null
      and exists (select from attempt_recalls ar
                  where ar.practice_id = practice and ar.attempt_id = a.id
                    and ar.recall_id <> all (withheld));
  if hold is not null then
    update chunks c set not_before = now() + hold
      where c.practice_id = practice and c.run_id = send_recalls.run_id;
  end if;

  -- Whom it is for, and whose lack of consent it overrode. If everybody was refused, one event
  -- describes the run.
  select array_agg(m.patient_id order by m.patient_id),
         array_agg(m.patient_id order by m.patient_id) filter (where m.overridden)
    into sent, overridden
    from (
      select a.patient_id, bool_or(a.overridden_reason is not null) as overridden
      from contact_attempts a
      where a.practice_id = practice and a.run_id = send_recalls.run_id and a.state = 'QUEUED'
      group by a.patient_id
    ) m;
  accepted := sent is not null;
  sent := coalesce(sent, array[null::bigint]);
  run_subject := 'Run:' || run_id;
  perform logic.record_events(
    practice, actor, actor_kind, actor_id, role, origin, 'RECALLS_SENT', sent,
    array_fill(run_subject, array[cardinality(sent)]), null);
  if overridden is not null then
    perform logic.record_events(
      practice, actor, actor_kind, actor_id, role, origin, 'CONSENT_OVERRIDDEN', overridden,
      array_fill(run_subject, array[cardinality(overridden)]), null);
  end if;
  if not accepted then  -- which stays the answer to its key
    update runs r set accepted = false where r.practice_id = practice and r.id = run_id;
    perform logic.close_run_if_done(practice, run_id);
  end if;
end $$;
