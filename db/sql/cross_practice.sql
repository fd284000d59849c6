-- Queries across practices. Everything else runs under row-level security, within one practice;
-- these run as the tables' owner and return ids, and of a patient no more than a number, for the
-- workers and the gateway. A test names them all: a new one must be justified there.

-- From here to the end of the transaction, statements run within this practice.
create function logic.enter(practice integer) returns void
  language plpgsql as $$
begin
  perform set_config('recalls.practice', practice::text, true);
end $$;

-- When to retry work that raised: soon after a conflict with others or in a passing state; else in
-- a minute, because otherwise a fault in one practice's data would be all that workers come to.
create function logic.put_off(problem text) returns timestamptz
  language sql volatile
  return clock_timestamp() + case left(problem, 2)
    when '40' then interval '0'
    when '42' then interval '1 second'  -- a function that was being reloaded
    else interval '1 minute' end;

-- Likewise for a chunk that the caller has locked. Enters its practice: the error undid that.
create function logic.put_chunk_off(practice integer, run bigint, chunk integer, problem text)
  returns void language plpgsql as $$
begin
  perform logic.enter(practice);
  update chunks c
    set not_before = logic.put_off(problem), look_at = greatest(c.look_at, logic.put_off(problem))
    where c.practice_id = practice and c.run_id = run and c.position = chunk;
end $$;

-- Takes the next ready chunk of no lower priority than `lowest`, and locks it. By position before
-- age: the run that has got least so far comes first, so that a run of a million leaves room for
-- all that begin after it.
create function logic.next_ready_chunk(lowest integer)
  returns table (practice_id integer, run_id bigint, "position" integer)
  language sql security definer set search_path = public, pg_temp as $$
    select c.practice_id, c.run_id, c.position from chunks c
    where c.state = 'READY' and c.priority <= lowest and c.not_before <= clock_timestamp()
    order by c.priority, c.position, c.not_before
    limit 1 for no key update skip locked
  $$;

-- Likewise for chunks of stopped runs, whose messages are to be cancelled.
create function logic.next_stopped_chunk()
  returns table (practice_id integer, run_id bigint, "position" integer)
  language sql security definer set search_path = public, pg_temp as $$
    select c.practice_id, c.run_id, c.position from chunks c
    where c.state = 'STOPPED' and c.not_before <= clock_timestamp()
    order by c.not_before limit 1 for no key update skip locked
  $$;

-- Likewise for chunks whose UNKNOWN messages are due to be looked up.
create function logic.next_unsure_chunk()
  returns table (practice_id integer, run_id bigint, "position" integer)
  language sql security definer set search_path = public, pg_temp as $$
    select c.practice_id, c.run_id, c.position from chunks c
    where c.look_at <= clock_timestamp()
    order by c.look_at limit 1 for no key update skip locked
  $$;

-- Likewise for chunks whose worker is `grace` past its deadline.
create function logic.next_overdue_chunk(grace interval)
  returns table (practice_id integer, run_id bigint, "position" integer)
  language sql security definer set search_path = public, pg_temp as $$
    select c.practice_id, c.run_id, c.position from chunks c
    where c.state = 'CLAIMED' and c.claim_deadline < clock_timestamp() - grace
      and c.not_before <= clock_timestamp()
    order by c.claim_deadline limit 1 for no key update skip locked
  $$;

-- The practices whose run is due.
create function logic.practices_due() returns table (practice_id integer)
  language sql stable security definer set search_path = public, pg_temp as $$
    select id from practices where next_run_at <= clock_timestamp() order by next_run_at
  $$;

-- Is there anything to claim, to cancel, to look up, to plan? And the time of that answer.
create function logic.work_waiting(
  out ready boolean, out stopped boolean, out unsure boolean, out planning boolean,
  out at timestamptz
) language sql stable security definer set search_path = public, pg_temp as $$
    select exists (select from chunks where state = 'READY' and not_before <= now()),
           exists (select from chunks where state = 'STOPPED' and not_before <= now()),
           exists (select from chunks where look_at <= now()),
           exists (select from runs where state = 'PLANNING' and plan_after <= now()),
           clock_timestamp()
  $$;

-- The runs to plan, in order. The first slice of a run that a person began comes first.
create function logic.runs_to_plan() returns table (practice_id integer, run_id bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
    select practice_id, id from runs
    where state = 'PLANNING' and plan_after <= clock_timestamp()
    order by scheduled_for is not null or planned_patient > 0, plan_after
  $$;

-- The practices that have the number as a patient's, or sent a message to it.
create function logic.practices_of_mobile(number text) returns table (practice_id integer)
  language sql stable security definer set search_path = public, pg_temp as $$
    select practice_id from patients
    where practice_id = any (array(select id from practices)) and mobile = number
    union
    select practice_id from contact_attempts
    where practice_id = any (array(select id from practices)) and mobile = number
    order by practice_id
  $$;

-- Opt-outs, which belong to no practice. Keeps one, and returns its id. One that is repeated while
-- pending is the same one, and holds in every practice anew: staff may have unticked it meanwhile.
-- But the same message again is not a new opt-out: it returns what was kept of it, done or not.
create function logic.keep_opt_out(number text, origin text, message text default null)
  returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare kept bigint;
begin
  if message is not null then
    insert into stops_heard (message_id) values (message) on conflict do nothing;
    if not found then
      return (select opt_out_id from stops_heard where message_id = message);
    end if;
  end if;
  insert into opt_outs (mobile, source) values (number, origin)
    on conflict (mobile) where done_at is null
      do update set received_at = excluded.received_at, blocked_in = '{}'
    returning id into kept;
  update stops_heard set opt_out_id = kept where message_id = message;
  return kept;
end $$;

-- How many people have written an opt-out since then.
create function logic.stops_since(moment timestamptz) returns bigint
  language sql stable security definer set search_path = public, pg_temp as $$
    select count(*) from opt_outs where received_at >= moment and source = 'PATIENT_REPLY'
  $$;

create function logic.pending_opt_outs() returns table (id bigint)
  language sql stable security definer set search_path = public, pg_temp as $$
    select id from opt_outs where done_at is null order by id
  $$;

-- The opt-out's number, the practices that have it, and those of them that have yet to block it.
create function logic.opt_out(opt_out bigint)
  returns table (mobile text, source text, practices integer[], left_to_do integer[])
  language sql stable security definer set search_path = public, pg_temp as $$
    select o.mobile, o.source, p.ids,
           array(select id from unnest(p.ids) id
                 where o.done_at is null and id <> all (o.blocked_in))
    from opt_outs o
    cross join lateral (
      select array(select practice_id from logic.practices_of_mobile(o.mobile)) as ids
    ) p
    where o.id = opt_out
  $$;

-- Notes that a practice has blocked the number, in the transaction that blocks it.
create function logic.note_opt_out(opt_out bigint, practice integer) returns void
  language sql security definer set search_path = public, pg_temp as $$
    update opt_outs set blocked_in = blocked_in || practice where id = opt_out
  $$;

-- Done, unless it was repeated meanwhile or a practice has got the number: then it stays pending.
create function logic.finish_opt_out(opt_out bigint) returns void
  language sql security definer set search_path = public, pg_temp as $$
    update opt_outs o set done_at = clock_timestamp()
    where o.id = opt_out and o.done_at is null and not exists (
      select from logic.practices_of_mobile(o.mobile) p where p.practice_id <> all (o.blocked_in))
  $$;

-- What the gateway knows about a number from us, whose messages have one sender: the ids of
-- messages to it, and whether another is on its way there now, so that one in the gateway's list
-- may be that one.
create function logic.known_at_gateway(numbers text[])
  returns table (mobile text, gateway_ids text[], under_way boolean)
  language sql stable security definer set search_path = public, pg_temp as $$
    select a.mobile, array_agg(a.gateway_id) filter (where a.gateway_id is not null),
           bool_or(a.state = 'SENDING')
    from contact_attempts a
    where a.practice_id = any (array(select id from practices)) and a.mobile = any (numbers)
    group by a.mobile
  $$;

-- The patients of the transaction's practice whose names have these words. Not across practices,
-- yet as the owner: the index of words can't be used behind a policy, because @@ is not leakproof.
-- So the function itself checks what the policy would; only on what it found, lest the planner read
-- all of the practice's patients instead.
create function logic.patients_named(words tsquery) returns setof bigint
  language sql stable security definer
  set search_path = public, pg_temp set enable_seqscan = off as $$
    select p.id
    from (select * from patients where name_words @@ words offset 0) p
    where p.practice_id = (select nullif(current_setting('recalls.practice', true), '')::integer)
  $$;

-- Does a demo token still open any practice? Production refuses to start if one does.
create function logic.demo_tokens_left() returns boolean
  language sql stable security definer set search_path = public, pg_temp as $$
    select exists (
      select from access_tokens
      where for_demo and revoked_at is null and (expires_at is null or expires_at > now()))
  $$;

-- Adds what viewers were shown to this hour's counts: for all practices at once, because it is
-- written every few seconds. In one order, so that two processes can't deadlock.
create function logic.add_people_shown(
  practices integer[], kinds text[], ids bigint[], people integer[], lists integer[],
  searches integer[]
) returns void
  language sql security definer set search_path = public, pg_temp as $$
    insert into people_shown as known
        (practice_id, hour, actor_kind, actor_id, people, lists, searches)
      select p.id, date_trunc('hour', now(), p.time_zone), n.kind, n.id, n.people, n.lists, n.searches
      from unnest(practices, kinds, ids, people, lists, searches)
        as n (practice_id, kind, id, people, lists, searches)
      join public.practices p on p.id = n.practice_id
      order by p.id, n.kind, n.id
      on conflict (practice_id, hour, actor_kind, actor_id) do update
        set people = known.people + excluded.people, lists = known.lists + excluded.lists,
            searches = known.searches + excluded.searches
  $$;
