-- Claiming messages, settling them, and sweeping up after dead workers; diagrams in
-- docs/sending.md.

-- A run is finished when it is planned and none of its chunks is waiting or in hand. A statement of
-- its own locks the row, so that if two workers finish the last chunks at the same moment, the
-- second sees what the first did; else neither would end the run.
create function logic.close_run_if_done(practice integer, run bigint) returns void
  language sql as $$
    select from runs where practice_id = practice and id = run for no key update;
    update runs set state = 'FINISHED', finished_at = clock_timestamp()
    where practice_id = practice and id = run and state = 'SENDING'
      and not exists (select from chunks c
                      where c.practice_id = practice and c.run_id = run and c.state <> 'DONE');
    select logic.notify_run(practice, run);
  $$;

-- The last check before the gateway: each queued message is judged by the facts as they stand now.
-- Refused by the rule: REFUSED with the reason. No longer wanted: CANCELLED with the reason. From a
-- message about several recalls, those no longer wanted are set apart. Uses the messages' own
-- indexes, whatever the planner believes about the tables: so one plan will do, and planning each
-- time would take twice as long as judging a person's messages.
create function logic.judge_messages(practice integer, attempt_ids bigint[], today date)
  returns void language plpgsql
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  apart record;
begin
  for apart in
    with share as materialized (
      select a.id as attempt_id, ar.recall_id,
             case when r.patient_id <> a.patient_id then 'PATIENT_CHANGED'
                  when r.completed then 'RECALL_COMPLETED'
                  when r.no_further_action_at is not null then 'NO_FURTHER_ACTION'
                  -- Moved to a later date, no longer automated, or somebody called, wrote or sent
                  -- in the meantime.
                  when a.trigger = 'AUTOMATED' and (
                         ar.round <> r.round or not coalesce(c.automated, false)
                         or r.due_date > logic.last_due_date(pr.first_contact_days, today))
                    or exists (
                         select from attempt_recalls other
                         join contact_attempts o
                           on o.practice_id = practice and o.id = other.attempt_id
                         where other.practice_id = practice and other.recall_id = r.id
                           and other.attempt_id <> a.id and logic.is_contact(o.state)
                           and logic.contacted_at(o.created_at, o.handed_over_at) > a.created_at)
                    then 'NO_LONGER_DUE'
             end as unwanted
      from contact_attempts a
      join practices pr on pr.id = practice
      join attempt_recalls ar on ar.practice_id = practice and ar.attempt_id = a.id
      join recalls r on r.practice_id = practice and r.id = ar.recall_id
      left join categories c on c.practice_id = practice and c.id = r.category_id
      where a.practice_id = practice and a.id = any (attempt_ids)
    ), message as materialized (
      select attempt_id, case when bool_and(unwanted is not null) then min(unwanted) end as unwanted
      from share group by attempt_id
    ), verdict as (
      select a.id,
             case when m.unwanted is null and logic.sms_block_hard(sms.reason) then sms.reason end
               as refusal,
             case when m.unwanted is not null then m.unwanted
                  when logic.sms_block_hard(sms.reason) then null
                  when sms.mobile is distinct from a.mobile then 'MOBILE_CHANGED'
                  -- Staff weren't asked about this; automation would send.
                  when a.trigger = 'MANUAL' and a.overridden_reason is null
                       and sms.reason is not null then 'CONSENT_WITHDRAWN' end
               as cancellation
      from message m
      join contact_attempts a on a.practice_id = practice and a.id = m.attempt_id
      join logic.patient_sms sms
        on sms.practice_id = practice and sms.patient_id = a.patient_id
    ), ended as (
      update contact_attempts a
        set state = case when v.refusal is not null then 'REFUSED' else 'CANCELLED' end,
            refusal_reason = v.refusal, cancellation = v.cancellation, overridden_reason = null,
            settled_at = clock_timestamp()
        from verdict v
        where a.practice_id = practice and a.id = v.id
          and a.state = 'QUEUED'  -- still: a receipt may have settled it
          and (v.refusal is not null or v.cancellation is not null)
    )
    select s.attempt_id, s.unwanted, array_agg(s.recall_id) as recalls
    from share s
    join message m on m.attempt_id = s.attempt_id and s.unwanted is distinct from m.unwanted
    where s.unwanted is not null
    group by s.attempt_id, s.unwanted
  loop
    perform logic.set_apart(practice, apart.attempt_id, apart.recalls, apart.unwanted);
  end loop;
end $$;

-- Takes recalls out of a message, into a CANCELLED attempt of their own with their reason, and
-- makes the message say what is left; one that by now covers two categories stays as it was.
create function logic.set_apart(practice integer, attempt bigint, recalls bigint[], why text)
  returns void language plpgsql as $$
declare
  cancelled bigint;
begin
  insert into contact_attempts (practice_id, patient_id, run_id, position, kind, trigger, state,
      cancellation, mobile, body, actor, actor_kind, actor_id, created_at, settled_at)
    select practice, a.patient_id, a.run_id, a.position, a.kind, a.trigger, 'CANCELLED', why,
           a.mobile, a.body, a.actor, a.actor_kind, a.actor_id, a.created_at, clock_timestamp()
    from contact_attempts a where a.practice_id = practice and a.id = attempt
    returning id into cancelled;
  update attempt_recalls ar set attempt_id = cancelled
    where ar.practice_id = practice and ar.attempt_id = attempt and ar.recall_id = any (recalls);
  perform logic.give_steps_back(practice, array[cancelled]);
  update contact_attempts a set body = d.body
    from (
      select min(draft.body) as body
      from logic.attempt_drafts(practice, attempt) draft
      having count(*) = 1
    ) d
    where a.practice_id = practice and a.id = attempt and a.state = 'QUEUED' and d.body is not null;
end $$;

-- Takes the recall out of what is queued for it, because somebody has contacted the patient
-- otherwise.
create function logic.cancel_queued(practice integer, recall bigint) returns void
  language plpgsql as $$
declare
  queued record;
begin
  for queued in
    select a.id, (select count(*) from attempt_recalls other
                  where other.practice_id = practice and other.attempt_id = a.id) as recalls
    from attempt_recalls ar
    join contact_attempts a on a.practice_id = practice and a.id = ar.attempt_id
    where ar.practice_id = practice and ar.recall_id = recall and a.state = 'QUEUED'
    for no key update of a
  loop
    if queued.recalls > 1 then
      perform logic.set_apart(practice, queued.id, array[recall], 'NO_LONGER_DUE');
    else
      update contact_attempts a
        set state = 'CANCELLED', cancellation = 'NO_LONGER_DUE', overridden_reason = null,
            settled_at = clock_timestamp()
        where a.practice_id = practice and a.id = queued.id;
    end if;
  end loop;
end $$;

-- Gives back the steps of attempts that ended without reaching anybody. One that the gateway
-- refused or couldn't deliver keeps its SMS steps, lest a number that nothing reaches is tried
-- forever and nobody calls. A call that was made meanwhile, in place of the next such step, moves
-- up.
create function logic.give_steps_back(practice integer, attempts bigint[]) returns void
  language sql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
    with given_back as (
      update attempt_recalls ar set step = null
        from contact_attempts a, recalls r
        left join categories c on c.practice_id = r.practice_id and c.id = r.category_id
        where ar.practice_id = practice and ar.attempt_id = any (attempts) and ar.step is not null
          and a.practice_id = practice and a.id = ar.attempt_id
          and r.practice_id = practice and r.id = ar.recall_id
          and (a.state not in ('FAILED', 'UNDELIVERED') or c.steps[ar.step] is distinct from 'SMS')
        returning ar.recall_id, ar.round, old.step, c.steps
    )
    update attempt_recalls later set step = g.step
      from given_back g
      where later.practice_id = practice and later.recall_id = g.recall_id
        and later.round = g.round and later.step = g.step + 1
        and g.steps[later.step] = g.steps[g.step]
  $$;

-- A step is taken only by what reaches the patient, or may have.
create or replace function triggers.give_steps_back() returns trigger language plpgsql as $$
begin
  perform logic.give_steps_back(practice_id, array_agg(id)) from changed
    where state in ('REFUSED', 'CANCELLED', 'FAILED', 'UNDELIVERED') group by practice_id;
  return null;
end $$;

-- Releases a chunk: READY again if messages in it are queued, not before `retry_at`, or STOPPED if
-- its run is; UNSURE if some are UNKNOWN and the gateway can be asked, first at `look_at` (null: it
-- can't be asked); else DONE. After a day of asking in vain a person decides.
create function logic.release_chunk(
  practice integer, run bigint, chunk integer, retry_at timestamptz, look_at timestamptz
) returns void language sql as $$
    update chunks c
      set state = next.state, claim_token = null, claim_deadline = null,
          not_before = case next.state when 'READY' then retry_at when 'STOPPED' then clock_timestamp()
                       else c.not_before end,
          -- Not put off by messages in it that are sent meanwhile.
          look_at = case when next.sought then least(c.look_at, release_chunk.look_at) end
      from (
        select case when queued and r.stopped_at is not null then 'STOPPED'
                    when queued then 'READY'
                    when sought then 'UNSURE'
                    else 'DONE' end as state,
               sought
        from (
          select coalesce(bool_or(a.state = 'QUEUED'), false) as queued,
                 coalesce(bool_or(a.state = 'UNKNOWN'
                                  and a.handed_over_at > clock_timestamp() - interval '1 day'), false)
                   and release_chunk.look_at is not null as sought
          from contact_attempts a
          where a.practice_id = practice and a.run_id = run and a.position = chunk
        ) messages
        join runs r on r.practice_id = practice and r.id = run
      ) next
      where c.practice_id = practice and c.run_id = run and c.position = chunk;
    select logic.close_run_if_done(practice, run);
  $$;

-- Claims messages of the next chunk for `lease`, at most `most` and of no lower priority than
-- `lowest`, and returns them to be handed over. If the chunk has none to hand over, or handling it
-- raised, returns one row without a message: the next chunk may have more. No row if no chunk is
-- ready. One chunk per call, and so per transaction: nobody waits longer than that for the
-- practice's lock. Each statement below sees what was committed before it began; that is why the
-- lock is a statement of its own.
create function logic.claim_messages(
  token uuid, lease interval, most integer, lowest integer, look_after interval
) returns table (practice_id integer, run_id bigint, "position" integer, attempt_id bigint,
                 reference uuid, mobile text, body text, problem text)
  language plpgsql as $$
#variable_conflict use_column
declare
  taken record;
  raised text;
begin
  select n.practice_id, n.run_id, n.position into taken from logic.next_ready_chunk(lowest) n;
  if not found then return; end if;
  begin
    perform logic.enter(taken.practice_id);
    perform logic.lock_claims_against_block(taken.practice_id);
    return query select * from logic.claim_chunk(
      taken.practice_id, taken.run_id, taken.position, token, lease, most, look_after);
    if found then return; end if;
  exception when others then
    raised := sqlstate;
    perform logic.put_chunk_off(taken.practice_id, taken.run_id, taken.position, raised);
  end;
  return query select taken.practice_id, taken.run_id, taken.position, null::bigint, null::uuid,
                      null::text, null::text, raised;
end $$;

-- Claims messages of this chunk; the caller has locked it, and its practice against blocks.
create function logic.claim_chunk(
  practice integer, run bigint, chunk integer, token uuid, lease interval, most integer,
  look_after interval
) returns table (practice_id integer, run_id bigint, "position" integer, attempt_id bigint,
                 reference uuid, mobile text, body text, problem text)
  language plpgsql as $$
#variable_conflict use_column
declare
  facts record;
  wanted bigint[];
begin
  select r.scheduled_for, r.started_at, r.stopped_at, pr.time_zone, pr.send_from, pr.send_until
    into facts
    from runs r
    join practices pr on pr.id = r.practice_id
    where r.practice_id = practice and r.id = run;
  if facts.stopped_at is not null then
    update chunks c set state = 'STOPPED', not_before = clock_timestamp()
      where c.practice_id = practice and c.run_id = run and c.position = chunk;
    return;
  end if;
  if logic.waits_for_hours(clock_timestamp(), facts.scheduled_for, facts.started_at)
     and not logic.in_send_window(
       clock_timestamp(), facts.time_zone, facts.send_from, facts.send_until) then
    update chunks c
      set not_before = logic.next_opening(clock_timestamp(), facts.time_zone, facts.send_from)
      where c.practice_id = practice and c.run_id = run and c.position = chunk;
    return;
  end if;

  select array(
    select a.id from contact_attempts a
    where a.practice_id = practice and a.run_id = run and a.position = chunk
      and a.state = 'QUEUED'
    order by a.id limit most
    -- Before any of their recalls, as when a recall is taken out of a message.
    for no key update) into wanted;
  perform logic.judge_messages(practice, wanted, logic.today(facts.time_zone));
  return query
    update contact_attempts a set state = 'SENDING', handed_over_at = clock_timestamp()
      where a.practice_id = practice and a.id = any (wanted) and a.state = 'QUEUED'
      returning a.practice_id, a.run_id, a.position, a.id, a.reference, a.mobile, a.body, null;
  if found then
    update chunks c
      set state = 'CLAIMED', claim_token = token, claim_deadline = clock_timestamp() + lease,
          tries = c.tries + 1
      where c.practice_id = practice and c.run_id = run and c.position = chunk;
  else
    perform logic.release_chunk(practice, run, chunk, clock_timestamp(),
                                clock_timestamp() + look_after);
  end if;
end $$;

-- Settles claimed messages: states is SENT, FAILED, UNKNOWN or QUEUED (the gateway said that it
-- took none: it is sent again, not before retry_after). UNKNOWN ones are looked up after
-- look_after; null if the gateway can't be asked. Returns false if the claim was no longer ours:
-- then only what is certain is kept, that is, messages that the gateway accepted.
create function logic.settle_messages(
  practice integer, run bigint, chunk integer, token uuid, attempt_ids bigint[],
  states text[], gateway_ids text[], failures text[], retry_after interval, look_after interval
) returns boolean language plpgsql as $$
declare
  claim_tries integer;
  ours boolean;
begin
  select c.tries into claim_tries from chunks c
    where c.practice_id = practice and c.run_id = run and c.position = chunk
      and c.state = 'CLAIMED' and c.claim_token = token
    for no key update;
  ours := found;
  update contact_attempts a
    set state = o.state, gateway_id = coalesce(o.gateway_id, a.gateway_id), failure = o.failure,
        handed_over_at = case when o.state <> 'QUEUED'
                              then coalesce(a.handed_over_at, clock_timestamp()) end,
        settled_at = case when o.state in ('SENT', 'FAILED') then clock_timestamp() end,
        refusal_reason = null, cancellation = null
    from unnest(attempt_ids, states, gateway_ids, failures)
      as o (id, state, gateway_id, failure)
    where a.practice_id = practice and a.id = o.id
      and case when ours then a.state = 'SENDING'
               else a.state in ('UNKNOWN', 'QUEUED', 'CANCELLED', 'REFUSED') and o.state = 'SENT' end;
  if not ours then return false; end if;
  if 'QUEUED' = any (states) then
    -- Longer each time, up to a minute; longer still if the gateway asked for it.
    retry_after := greatest(
      retry_after, make_interval(secs => least(60, 2 ^ (least(claim_tries, 7) - 1))));
  else
    update chunks c set tries = 0
      where c.practice_id = practice and c.run_id = run and c.position = chunk;
    retry_after := interval '0';
  end if;
  perform logic.release_chunk(practice, run, chunk, clock_timestamp() + retry_after,
                              clock_timestamp() + look_after);
  return true;
end $$;

-- Ends the chunk's QUEUED messages (its run was stopped) or SENDING ones (its worker is gone: they
-- may or may not be with the gateway), and releases it. The caller has locked it. Returns the
-- SQLSTATE if that raised.
create function logic.end_messages(
  practice integer, run bigint, chunk integer, of_state text, look_after interval
) returns text language plpgsql as $$
begin
  perform logic.enter(practice);
  if of_state = 'QUEUED' then
    update contact_attempts a
      set state = 'CANCELLED', cancellation = 'RUN_STOPPED', overridden_reason = null,
          settled_at = clock_timestamp()
      where a.practice_id = practice and a.run_id = run and a.position = chunk
        and a.state = 'QUEUED';
  else
    update contact_attempts a set state = 'UNKNOWN'
      where a.practice_id = practice and a.run_id = run and a.position = chunk
        and a.state = 'SENDING';
  end if;
  perform logic.release_chunk(practice, run, chunk, clock_timestamp(),
                              clock_timestamp() + look_after);
  return null;
exception when others then
  perform logic.put_chunk_off(practice, run, chunk, sqlstate);
  return sqlstate;
end $$;

-- Cancels what is queued in the next chunk of a stopped run. One row, with the SQLSTATE if that
-- raised; no row if no such chunk is left.
create function logic.cancel_stopped(look_after interval)
  returns table (practice_id integer, run_id bigint, problem text) language sql as $$
    select n.practice_id, n.run_id,
           logic.end_messages(n.practice_id, n.run_id, n.position, 'QUEUED', look_after)
    from logic.next_stopped_chunk() n
  $$;

-- Likewise for the next claim whose worker is `grace` past its deadline.
create function logic.sweep_claim(grace interval, look_after interval)
  returns table (practice_id integer, run_id bigint, problem text) language sql as $$
    select n.practice_id, n.run_id,
           logic.end_messages(n.practice_id, n.run_id, n.position, 'SENDING', look_after)
    from logic.next_overdue_chunk(grace) n
  $$;
