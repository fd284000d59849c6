-- Looking up at the gateway what became of UNKNOWN messages.

-- Takes the next chunk that is due to be looked up, and returns its UNKNOWN messages and the time;
-- one row without a message if it has none, or if this raised; no row if none is due. The chunk
-- comes up again after `hold`, whatever becomes of its worker.
create function logic.claim_unknown(hold interval)
  returns table (practice_id integer, run_id bigint, "position" integer, attempt_id bigint,
                 mobile text, body text, handed_over_at timestamptz, taken_at timestamptz,
                 problem text)
  language plpgsql as $$
#variable_conflict use_column
declare
  chunk record;
  raised text;
begin
  select n.practice_id, n.run_id, n.position into chunk from logic.next_unsure_chunk() n;
  if not found then return; end if;
  begin
    perform logic.enter(chunk.practice_id);
    update chunks c set look_at = clock_timestamp() + hold
      where (c.practice_id, c.run_id, c.position)
            = (chunk.practice_id, chunk.run_id, chunk.position);
    return query
      select a.practice_id, a.run_id, a.position, a.id, a.mobile, a.body, a.handed_over_at,
             clock_timestamp(), null
      from contact_attempts a
      where a.practice_id = chunk.practice_id and a.run_id = chunk.run_id
        and a.position = chunk.position and a.state = 'UNKNOWN';
    if found then return; end if;
    perform logic.end_look_up(chunk.practice_id, chunk.run_id, chunk.position, null);
  exception when others then
    raised := sqlstate;
    perform logic.put_chunk_off(chunk.practice_id, chunk.run_id, chunk.position, raised);
  end;
  return query select chunk.practice_id, chunk.run_id, chunk.position, null::bigint, null::text,
                      null::text, null::timestamptz, clock_timestamp(), raised;
end $$;

-- Releases a chunk that was looked up, due again at `next_look` (null: never) if some of it is
-- still UNKNOWN. One that also has messages to send or in hand is released once those are settled.
-- Once per chunk and not per number, because it reads the whole chunk.
create function logic.end_look_up(practice integer, run bigint, chunk integer, next_look timestamptz)
  returns void language plpgsql as $$
declare
  unsure boolean;
begin
  select c.state = 'UNSURE' into unsure from chunks c
    where c.practice_id = practice and c.run_id = run and c.position = chunk for no key update;
  if unsure then
    perform logic.release_chunk(practice, run, chunk, clock_timestamp(), next_look);
  else
    update chunks c set look_at = next_look
      where c.practice_id = practice and c.run_id = run and c.position = chunk
        and c.state <> 'DONE';
  end if;
end $$;

-- Records what the gateway's list says about a chunk's UNKNOWN messages to one number: QUEUED (it
-- took none) or what became of it. An answer about an earlier handover than the last one is void,
-- and so is a gateway id that another message has by now. What is over is not begun again: in a
-- DONE chunk nothing becomes QUEUED, a person decides. What is QUEUED is sent once the chunk is
-- released; a worker that dies before that leaves it due to be looked up.
create function logic.settle_unknown(
  practice integer, run bigint, chunk integer, number text, attempt_ids bigint[],
  handed_over timestamptz[], states text[], gateway_ids text[], failures text[]
) returns void language plpgsql as $$
declare
  over boolean;
begin
  perform logic.lock_number(number);
  -- Shared by the chunk's numbers, lest each waits for the commit of the one before.
  select c.state = 'DONE' into over from chunks c
    where c.practice_id = practice and c.run_id = run and c.position = chunk for share;
  update contact_attempts a
    set state = o.state, gateway_id = o.gateway_id, failure = o.failure,
        handed_over_at = case when o.state <> 'QUEUED' then a.handed_over_at end,
        settled_at = case when o.state <> 'QUEUED' then clock_timestamp() end
    from unnest(attempt_ids, handed_over, states, gateway_ids, failures)
      as o (id, handed_over_at, state, gateway_id, failure)
    where a.practice_id = practice and a.id = o.id
      and a.state = 'UNKNOWN' and a.handed_over_at = o.handed_over_at
      and (o.state <> 'QUEUED' or not over)
      and not exists (select from logic.known_at_gateway(array[number]) known
                      where o.gateway_id = any (known.gateway_ids));
end $$;

-- If the gateway can't be asked (any more): leaves the next chunk's UNKNOWN messages to staff.
-- Returns false if there is none.
create function logic.give_up_look_up() returns boolean language plpgsql as $$
declare
  chunk record;
begin
  select * into chunk from logic.next_unsure_chunk();
  if not found then return false; end if;
  perform logic.enter(chunk.practice_id);
  perform logic.end_look_up(chunk.practice_id, chunk.run_id, chunk.position, null);
  return true;
end $$;
