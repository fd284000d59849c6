-- Claiming messages, settling them, and sweeping up after a worker that died; docs/sending.md draws it.

-- Wakes whoever watches the run.
create function logic.announce_run(practice integer, run bigint) returns void
  language sql as $$ select pg_notify('run_progress', practice || ':' || run) $$;

-- A run has ended when it is planned and none of its chunks waits or is being seen to. The row is
-- locked by a statement of its own, so that of two who finish the last chunks at the same moment
-- the second sees what the first did; else neither would end the run.
create function logic.close_run_if_done(practice integer, run bigint) returns void
  language sql as $$
    select from runs where practice_id = practice and id = run for no key update;
    update runs set state = 'FINISHED', finished_at = clock_timestamp()
    where practice_id = practice and id = run and state = 'SENDING'
      and not exists (select from chunks c
                      where c.practice_id = practice and c.run_id = run and c.state <> 'DONE');
    select logic.announce_run(practice, run);
  $$;

-- The last check before the gateway: each of the queued messages is judged by the facts as they
-- stand now. Refused by the rule: REFUSED with the reason. No longer wanted, or of a run that was
-- stopped: CANCELLED with the reason. Both give their step back.
create function logic.judge_messages(practice integer, attempt_ids bigint[], today date)
  returns void language sql as $$
    with queued as (
      select a.id, a.mobile, sms.mobile as mobile_now, sms.reason,
             case when run.stopped_at is not null then 'RUN_STOPPED' else no_longer.wanted end
               as cancellation
      from contact_attempts a
      join runs run on run.practice_id = a.practice_id and run.id = a.run_id
      join logic.patient_sms sms
        on sms.practice_id = a.practice_id and sms.patient_id = a.patient_id
      cross join lateral (
        select case when bool_or(r.patient_id <> a.patient_id) then 'PATIENT_CHANGED'
                    when bool_or(r.completed) then 'RECALL_COMPLETED'
                    when bool_or(r.no_further_action_at is not null) then 'NO_FURTHER_ACTION'
                    -- Moved to a later date, or somebody called, wrote or sent in the meantime.
                    when bool_or(a.trigger = 'AUTOMATED'
                                 and r.due_date > logic.last_due_date(pr.first_contact_days, today))
                      or bool_or(exists (
                           select from attempt_recalls other
                           join contact_attempts o
                             on o.practice_id = practice and o.id = other.attempt_id
                           where other.practice_id = practice and other.recall_id = r.id
                             and o.created_at > a.created_at and logic.is_contact(o.state)))
                      then 'NO_LONGER_DUE'
               end as wanted
        from attempt_recalls ar
        join recalls r on r.practice_id = practice and r.id = ar.recall_id
        join practices pr on pr.id = practice
        where ar.practice_id = practice and ar.attempt_id = a.id
      ) no_longer
      where a.practice_id = practice and a.id = any (attempt_ids)
    ), verdict as (
      select id,
             case when cancellation is null and logic.sms_block_hard(reason) then reason end
               as refusal,
             case when cancellation is not null then cancellation
                  when logic.sms_block_hard(reason) then null
                  when mobile_now is distinct from mobile then 'MOBILE_CHANGED' end
               as cancellation
      from queued
    ), stopped as (
      update contact_attempts a
        set state = case when v.refusal is not null then 'REFUSED' else 'CANCELLED' end,
            refusal_reason = v.refusal, cancellation = v.cancellation, overridden_reason = null,
            settled_at = clock_timestamp()
        from verdict v
        where a.practice_id = practice and a.id = v.id
          and (v.refusal is not null or v.cancellation is not null)
        returning a.id
    )
    update attempt_recalls ar set step = null
      from stopped where ar.practice_id = practice and ar.attempt_id = stopped.id
  $$;

-- Lets go of a chunk: READY again where messages of it are queued, for not before `retry_at`;
-- UNSURE where some are UNKNOWN and the gateway can be asked, first at `look_at` (null: it can't
-- be); else DONE. After a day of asking in vain a person decides.
create function logic.release_chunk(
  practice integer, run bigint, chunk integer, retry_at timestamptz, look_at timestamptz
) returns void language sql as $$
    update chunks c
      set state = next.state, claim_token = null, claim_deadline = null,
          not_before = case next.state when 'READY' then retry_at when 'UNSURE' then look_at
                       else c.not_before end
      from (
        select case when bool_or(a.state = 'QUEUED') then 'READY'
                    when bool_or(a.state = 'UNKNOWN' and look_at is not null
                                 and a.handed_over_at > clock_timestamp() - interval '1 day')
                      then 'UNSURE'
                    else 'DONE' end as state
        from contact_attempts a
        where a.practice_id = practice and a.run_id = run and a.position = chunk
      ) next
      where c.practice_id = practice and c.run_id = run and c.position = chunk;
    select logic.close_run_if_done(practice, run);
  $$;

-- Claims the next messages that are ready, `most` of one chunk at the most and of no lower priority
-- than `lowest`, for `lease`, and gives them back to be handed over; nothing where none is ready.
-- Takes a token of its own for each claim. Each statement below sees what was committed before it
-- began; that is why the lock is a statement of its own.
create function logic.claim_messages(
  token uuid, lease interval, most integer, lowest integer, look_after interval
) returns table (practice_id integer, run_id bigint, "position" integer, attempt_id bigint,
                 reference uuid, mobile text, body text)
  language plpgsql as $$
#variable_conflict use_column
declare
  taken record;
  chunk record;
  wanted bigint[];
begin
  loop
    select n.practice_id, n.run_id, n.position into taken from logic.next_ready_chunk(lowest) n;
    if not found then return; end if;
    perform logic.enter(taken.practice_id);
    select c.practice_id, c.run_id, c.position, r.scheduled_for, r.started_at, r.stopped_at,
           pr.time_zone, pr.send_from, pr.send_until
      into chunk
      from chunks c
      join runs r on r.practice_id = c.practice_id and r.id = c.run_id
      join practices pr on pr.id = c.practice_id
      where (c.practice_id, c.run_id, c.position)
            = (taken.practice_id, taken.run_id, taken.position);

    if chunk.stopped_at is null
       and logic.waits_for_hours(clock_timestamp(), chunk.scheduled_for, chunk.started_at)
       and not logic.in_send_window(
         clock_timestamp(), chunk.time_zone, chunk.send_from, chunk.send_until) then
      update chunks c
        set not_before = logic.next_opening(clock_timestamp(), chunk.time_zone, chunk.send_from)
        where (c.practice_id, c.run_id, c.position)
              = (chunk.practice_id, chunk.run_id, chunk.position);
      continue;
    end if;

    perform logic.lock_claims_against_block(chunk.practice_id);
    select array(
      select a.id from contact_attempts a
      where a.practice_id = chunk.practice_id and a.run_id = chunk.run_id
        and a.position = chunk.position and a.state = 'QUEUED'
      order by a.id limit most) into wanted;
    perform logic.judge_messages(
      chunk.practice_id, wanted, logic.today(chunk.time_zone));
    return query
      update contact_attempts a set state = 'SENDING', handed_over_at = clock_timestamp()
        where a.practice_id = chunk.practice_id and a.id = any (wanted) and a.state = 'QUEUED'
        returning a.practice_id, a.run_id, a.position, a.id, a.reference, a.mobile, a.body;
    if found then
      update chunks c
        set state = 'CLAIMED', claim_token = token, claim_deadline = clock_timestamp() + lease,
            tries = c.tries + 1
        where (c.practice_id, c.run_id, c.position)
              = (chunk.practice_id, chunk.run_id, chunk.position);
      return;
    end if;
    perform logic.release_chunk(chunk.practice_id, chunk.run_id, chunk.position,
                                clock_timestamp(), clock_timestamp() + look_after);
  end loop;
end $$;

-- Writes down what became of claimed messages: states is SENT, FAILED, UNKNOWN or QUEUED (the
-- gateway said that it took none: it goes again, not before retry_after). UNKNOWN ones are looked
-- up after look_after; null where the gateway can't be asked. Gives back false where the claim was
-- no longer ours: then only what is certain is kept, that is, a message that the gateway accepted.
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
    for update;
  ours := found;
  update contact_attempts a
    set state = o.state, gateway_id = coalesce(o.gateway_id, a.gateway_id), failure = o.failure,
        handed_over_at = case when o.state <> 'QUEUED' then a.handed_over_at end,
        settled_at = case when o.state in ('SENT', 'FAILED') then clock_timestamp() end
    from unnest(attempt_ids, states, gateway_ids, failures)
      as o (id, state, gateway_id, failure)
    where a.practice_id = practice and a.id = o.id
      and case when ours then a.state = 'SENDING'
               else a.state = 'UNKNOWN' and o.state = 'SENT' end;
  if not ours then return false; end if;
  if 'QUEUED' = any (states) then
    -- Longer each time, up to a minute; longer still where the gateway asked for it.
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

-- Gives up the claims whose worker is `grace` past its deadline: what it was sending may or may not
-- be with the gateway, so it is UNKNOWN. Gives back how many.
create function logic.sweep_claims(grace interval, look_after interval)
  returns integer language plpgsql as $$
declare
  chunk record;
  swept integer := 0;
begin
  for chunk in select * from logic.overdue_chunks(grace) loop
    perform logic.enter(chunk.practice_id);
    update contact_attempts a set state = 'UNKNOWN'
      where a.practice_id = chunk.practice_id and a.run_id = chunk.run_id
        and a.position = chunk.position and a.state = 'SENDING';
    perform logic.release_chunk(chunk.practice_id, chunk.run_id, chunk.position,
                                clock_timestamp(), clock_timestamp() + look_after);
    swept := swept + 1;
  end loop;
  return swept;
end $$;
