-- Claiming a chunk, settling it, and sweeping up after a worker that died. docs/sending.md draws it.

-- Wakes whoever watches the run.
create function logic.announce_run(practice integer, run bigint) returns void
  language sql as $$ select pg_notify('run_progress', practice || ':' || run) $$;

-- A run has ended when it is planned and none of its chunks waits or is being sent. The row is
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

-- The last check before the gateway: each queued message of the chunk is judged by the facts as
-- they stand now. Refused by the rule: REFUSED with the reason. No longer wanted: CANCELLED with
-- the reason; its step is free again.
create function logic.judge_chunk(practice integer, run bigint, chunk integer) returns void
  language sql as $$
    with queued as (
      select a.id, a.mobile, sms.mobile as mobile_now, sms.reason,
             (select case when bool_or(r.patient_id <> a.patient_id) then 'PATIENT_CHANGED'
                          when bool_or(r.completed) then 'RECALL_COMPLETED'
                          when bool_or(r.no_further_action_at is not null) then 'NO_FURTHER_ACTION'
                     end
              from attempt_recalls ar
              join recalls r on r.practice_id = ar.practice_id and r.id = ar.recall_id
              where ar.practice_id = practice and ar.attempt_id = a.id) as closed
      from contact_attempts a
      join logic.patient_sms sms
        on sms.practice_id = a.practice_id and sms.patient_id = a.patient_id
      where a.practice_id = practice and a.run_id = run and a.position = chunk
        and a.state = 'QUEUED'
    ), verdict as (
      select id, case when closed is not null then closed
                      when logic.sms_block_hard(reason) then null
                      when mobile_now is distinct from mobile then 'MOBILE_CHANGED' end
               as cancellation,
             case when closed is null and logic.sms_block_hard(reason) then reason end as refusal
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

-- Claims the next chunk that is ready, for `lease`, and gives back the messages to hand over;
-- nothing where none is ready. Takes a token of its own for each claim. Each statement below sees
-- what was committed before it began; that is why the lock is a statement of its own.
create function logic.claim_chunk(token uuid, lease interval)
  returns table (practice_id integer, run_id bigint, "position" integer, attempt_id bigint,
                 reference uuid, mobile text, body text)
  language plpgsql as $$
#variable_conflict use_column
declare
  chunk record;
begin
  loop
    select c.practice_id, c.run_id, c.position, r.scheduled_for is not null as windowed,
           pr.time_zone, pr.send_from, pr.send_until
      into chunk
      from chunks c
      join runs r on r.practice_id = c.practice_id and r.id = c.run_id
      join practices pr on pr.id = c.practice_id
      where c.state = 'READY' and c.not_before <= clock_timestamp()
      order by c.priority, c.position, c.not_before
      limit 1 for update of c skip locked;
    if not found then return; end if;

    -- What the schedule began waits for the practice's hours; what a person began does not.
    if chunk.windowed and not logic.in_send_window(
         clock_timestamp(), chunk.time_zone, chunk.send_from, chunk.send_until) then
      update chunks c
        set not_before = logic.next_opening(clock_timestamp(), chunk.time_zone, chunk.send_from)
        where (c.practice_id, c.run_id, c.position)
              = (chunk.practice_id, chunk.run_id, chunk.position);
      continue;
    end if;

    perform logic.lock_claims_against_block(chunk.practice_id);
    perform logic.judge_chunk(chunk.practice_id, chunk.run_id, chunk.position);
    return query
      update contact_attempts a
        set state = 'SENDING', handed_over_at = clock_timestamp()
        where a.practice_id = chunk.practice_id and a.run_id = chunk.run_id
          and a.position = chunk.position and a.state = 'QUEUED'
        returning a.practice_id, a.run_id, a.position, a.id, a.reference, a.mobile, a.body;
    if found then
      update chunks c
        set state = 'CLAIMED', claim_token = token, claim_deadline = clock_timestamp() + lease,
            tries = c.tries + 1
        where (c.practice_id, c.run_id, c.position)
              = (chunk.practice_id, chunk.run_id, chunk.position);
      return;
    end if;
    update chunks c set state = 'DONE'
      where (c.practice_id, c.run_id, c.position)
            = (chunk.practice_id, chunk.run_id, chunk.position);
    perform logic.close_run_if_done(chunk.practice_id, chunk.run_id);
  end loop;
end $$;

-- Writes down what became of a claimed chunk's messages: states is SENT, FAILED, UNKNOWN or QUEUED
-- (the gateway said that it took none: it goes again, not before retry_after). Gives back false
-- where the claim was no longer ours: then only what is certain is kept, that is, a message that
-- the gateway accepted.
create function logic.settle_chunk(
  practice integer, run bigint, chunk integer, token uuid, attempt_ids bigint[],
  states text[], gateway_ids text[], failures text[], retry_after interval
) returns boolean language plpgsql as $$
declare
  ours boolean;
begin
  select true into ours from chunks c
    where c.practice_id = practice and c.run_id = run and c.position = chunk
      and c.state = 'CLAIMED' and c.claim_token = token
    for update;
  ours := coalesce(ours, false);
  update contact_attempts a
    set state = o.state, gateway_id = coalesce(o.gateway_id, a.gateway_id), failure = o.failure,
        handed_over_at = case when o.state <> 'QUEUED' then a.handed_over_at end,
        settled_at = case when o.state in ('SENT', 'FAILED') then clock_timestamp() end
    from unnest(attempt_ids, states, gateway_ids, failures)
      as o (id, state, gateway_id, failure)
    where a.practice_id = practice and a.id = o.id
      and case when ours then a.state = 'SENDING'
               else a.state = 'UNKNOWN' and o.state = 'SENT' end;
  if ours then
    update chunks c
      set state = case when 'QUEUED' = any (states) then 'READY' else 'DONE' end,
          -- Longer each time, up to a minute; longer still where the gateway asked for it.
          not_before = clock_timestamp() + greatest(
            retry_after, make_interval(secs => least(60, 2 ^ (least(c.tries, 7) - 1)))),
          claim_token = null, claim_deadline = null
      where c.practice_id = practice and c.run_id = run and c.position = chunk;
    perform logic.close_run_if_done(practice, run);
  end if;
  return ours;
end $$;

-- Gives up the claims whose worker is `grace` past its deadline: what it was sending may or may not
-- be with the gateway, so it is UNKNOWN. Gives back how many chunks.
create function logic.sweep_claims(grace interval) returns integer language plpgsql as $$
declare
  chunk record;
  swept integer := 0;
begin
  for chunk in
    select c.practice_id, c.run_id, c.position from chunks c
    where c.state = 'CLAIMED' and c.claim_deadline < clock_timestamp() - grace
    for update skip locked
  loop
    update contact_attempts a set state = 'UNKNOWN'
      where a.practice_id = chunk.practice_id and a.run_id = chunk.run_id
        and a.position = chunk.position and a.state = 'SENDING';
    update chunks c set state = 'DONE', claim_token = null, claim_deadline = null
      where (c.practice_id, c.run_id, c.position)
            = (chunk.practice_id, chunk.run_id, chunk.position);
    perform logic.close_run_if_done(chunk.practice_id, chunk.run_id);
    swept := swept + 1;
  end loop;
  return swept;
end $$;
