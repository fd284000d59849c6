-- Blocking and unblocking a number, with its history.

-- Sets the number's blocklist entry and writes the event, if that changes anything. A false
-- `listed` takes it off the list; a null `blocked` leaves the tick as it is, unticked if the number
-- is new. With must_be_listed it does nothing for an unlisted number. Returns whether the number
-- was listed before, and whether an event was written.
create function logic.set_block(
  practice integer, number text, blocked boolean, listed boolean, event_note text,
  actor text, source text, must_be_listed boolean, actor_kind text default null,
  actor_id bigint default null, out was_listed boolean, out changed boolean
) language plpgsql as $$
declare
  was blocked_communications;
  ticked boolean;
begin
  perform logic.lock_denormalised(practice);
  perform logic.lock_block_against_claims(practice);
  select * into was from blocked_communications b
    where b.practice_id = practice and b.mobile = number;
  was_listed := was.id is not null;
  changed := false;
  if must_be_listed and not was_listed then return; end if;
  ticked := listed and coalesce(blocked, was.blocked_recalls, false);
  if listed then
    insert into blocked_communications (practice_id, mobile, blocked_recalls, note)
      values (practice, number, ticked, event_note)
      on conflict (practice_id, mobile) do update
        set blocked_recalls = excluded.blocked_recalls,
            note = coalesce(excluded.note, blocked_communications.note);
  else
    delete from blocked_communications b where b.practice_id = practice and b.mobile = number;
  end if;
  if (was.id is not null, coalesce(was.blocked_recalls, false)) is distinct from (listed, ticked)
     or coalesce(event_note, was.note) is distinct from was.note then
    insert into block_events
        (practice_id, mobile, actor, actor_kind, actor_id, source, listed, blocked_recalls, note)
      values
        (practice, number, actor, actor_kind, actor_id, source, listed, ticked, event_note);
    changed := true;
  end if;
end $$;

-- The seconds of the longest lease under which a worker has a message to the number in hand; null
-- if none has. Only a length, which the waiting caller measures by its own clock: the server's may
-- be set, or be another server's since the claim.
create function logic.lease_in_hand(practice integer, number text) returns double precision
  language sql volatile set plan_cache_mode = force_custom_plan as $$
    select max(extract(epoch from c.claim_deadline - a.handed_over_at)) from contact_attempts a
    join chunks c on c.practice_id = a.practice_id and c.run_id = a.run_id
                 and c.position = a.position
    where a.practice_id = practice and a.mobile = number and a.state = 'SENDING'
      and c.state = 'CLAIMED'
  $$;

-- Counts, once nothing is being handed over, the messages to the number that went to the gateway in
-- the day before the block: those that may still reach the person, or just have. Counts them even
-- if somebody has taken the number off the list by now.
create function logic.count_handed_over(practice integer, number text) returns integer
  language sql as $$
    with counted as (
      select count(*)::integer as messages from contact_attempts a
      where a.practice_id = practice and a.mobile = number
        and a.state in ('SENDING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'UNKNOWN')
        and a.handed_over_at > clock_timestamp() - interval '1 day'
    ), written as (
      update blocked_communications b set already_handed_over = c.messages from counted c
      where b.practice_id = practice and b.mobile = number
        and b.already_handed_over <> c.messages
    )
    select messages from counted
  $$;

-- What a block waits for: the lease in hand; if there is none, the messages handed over, as
-- count_handed_over returns them.
create function logic.claims_of_number(
  practice integer, number text, out lease double precision, out handed_over integer
) language plpgsql as $$
begin
  lease := logic.lease_in_hand(practice, number);
  if lease is null then handed_over := logic.count_handed_over(practice, number); end if;
end $$;

-- Sets the number's entry as set_block does, records that if it changes anything, and returns the
-- entry; if it is ticked, also the lease in hand. While set_block holds its lock no claim is being
-- made, and each later one sees the block: so if no lease is in hand now there is none to wait for,
-- and the caller may answer once this is committed. Otherwise it commits, waits for the lease and
-- looks again (claims_of_number).
create function logic.change_block(
  practice integer, number text, blocked boolean, listed boolean, event_note text, source text,
  must_be_listed boolean, details jsonb,
  actor text, actor_kind text, actor_id bigint, role text, origin text,
  out was_listed boolean, out lease double precision, out id bigint, out mobile text,
  out blocked_recalls boolean, out note text, out already_handed_over integer
) language plpgsql
  -- Planning each statement anew would take longer than running it. Where a plan depends on how much
  -- there is, the function called says so.
  set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  changed boolean;
begin
  select s.was_listed, s.changed into was_listed, changed
    from logic.set_block(practice, number, blocked, listed, event_note, actor, source,
                         must_be_listed, actor_kind, actor_id) s;
  if changed then
    perform logic.record_events(
      practice, actor, actor_kind, actor_id, role, origin, 'BLOCK_CHANGED', array[null::bigint],
      array[number], details);
  end if;
  select b.id, b.mobile, b.blocked_recalls, b.note, b.already_handed_over
    into id, mobile, blocked_recalls, note, already_handed_over
    from blocked_communications b where b.practice_id = practice and b.mobile = number;
  if blocked_recalls then
    select c.lease, coalesce(c.handed_over, already_handed_over) into lease, already_handed_over
      from logic.claims_of_number(practice, number) c;
  end if;
end $$;
