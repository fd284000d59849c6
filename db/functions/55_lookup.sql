-- Looking up at the gateway what became of the messages that are UNKNOWN.

-- Takes the next chunk that is due to be asked about and gives back its UNKNOWN messages and the
-- time; nothing where none is due. The chunk comes up again after `hold`, whatever becomes of whoever
-- took it.
create function logic.take_unknown(hold interval)
  returns table (practice_id integer, run_id bigint, "position" integer, attempt_id bigint,
                 mobile text, body text, handed_over_at timestamptz, taken_at timestamptz)
  language plpgsql as $$
#variable_conflict use_column
declare
  chunk record;
begin
  loop
    select * into chunk from logic.next_unsure_chunk();
    if not found then return; end if;
    perform logic.enter(chunk.practice_id);
    update chunks c set not_before = clock_timestamp() + hold
      where (c.practice_id, c.run_id, c.position)
            = (chunk.practice_id, chunk.run_id, chunk.position);
    return query
      select a.practice_id, a.run_id, a.position, a.id, a.mobile, a.body, a.handed_over_at,
             clock_timestamp()
      from contact_attempts a
      where a.practice_id = chunk.practice_id and a.run_id = chunk.run_id
        and a.position = chunk.position and a.state = 'UNKNOWN';
    if found then return; end if;
    -- Receipts have settled them all.
    perform logic.release_chunk(chunk.practice_id, chunk.run_id, chunk.position,
                                clock_timestamp(), clock_timestamp() + hold);
  end loop;
end $$;

-- Writes down what the gateway's list says of a chunk's UNKNOWN messages: QUEUED (it took none) or
-- what became of it. An answer about an earlier handing-over than the last one is void, and so is
-- a gateway id that another message has by now. Those that are still UNKNOWN are looked up again
-- at look_at.
create function logic.settle_unknown(
  practice integer, run bigint, chunk integer, attempt_ids bigint[], handed_over timestamptz[],
  states text[], gateway_ids text[], failures text[], look_at timestamptz
) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(3, practice);  -- two who look up must not give one id to two
  update contact_attempts a
    set state = o.state, gateway_id = o.gateway_id, failure = o.failure,
        handed_over_at = case when o.state <> 'QUEUED' then a.handed_over_at end,
        settled_at = case when o.state <> 'QUEUED' then clock_timestamp() end
    from unnest(attempt_ids, handed_over, states, gateway_ids, failures)
      as o (id, handed_over_at, state, gateway_id, failure)
    where a.practice_id = practice and a.id = o.id
      and a.state = 'UNKNOWN' and a.handed_over_at = o.handed_over_at
      and not exists (select from contact_attempts other
                      where other.practice_id = practice and other.mobile = a.mobile
                        and other.gateway_id = o.gateway_id);
  perform from chunks c
    where c.practice_id = practice and c.run_id = run and c.position = chunk
      and c.state = 'UNSURE' for update;
  if found then
    perform logic.release_chunk(practice, run, chunk, clock_timestamp(), look_at);
  end if;
end $$;
