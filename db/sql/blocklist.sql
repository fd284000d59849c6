-- Blocking and unblocking a number, with its history.

-- Sets the number's blocklist entry and writes the event, if that changes anything. A false
-- `listed` takes it off the list; a null `blocked` leaves the tick as it is, unticked if the number
-- is new. With must_be_listed it does nothing for an unlisted number. Returns whether the number
-- was listed before, and whether an event was written. The caller commits, then waits for the lease
-- that lease_in_hand returns before it answers.
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
  language sql volatile as $$
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
      select count(*) as messages from contact_attempts a
      where a.practice_id = practice and a.mobile = number
        and a.state in ('SENDING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'UNKNOWN')
        and a.handed_over_at > clock_timestamp() - interval '1 day'
    ), written as (
      update blocked_communications b set already_handed_over = c.messages from counted c
      where b.practice_id = practice and b.mobile = number
    )
    select messages::integer from counted
  $$;
