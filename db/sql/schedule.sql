-- When a practice's automated run is due, in its own local time and across daylight saving.

-- May the practice send at `moment`? From send_from up to, but not at, send_until.
create function logic.in_send_window(
  moment timestamptz, time_zone text, send_from time, send_until time
) returns boolean
  language sql immutable parallel safe
  return (moment at time zone time_zone)::time >= send_from
     and (moment at time zone time_zone)::time < send_until;

-- Does the run's message wait for the practice's hours? A scheduled run's does. One from a run that
-- a person began goes at any hour while they may be waiting for it; an hour later it waits like the
-- rest, lest what a worker left over from the afternoon goes out at three in the morning.
create function logic.waits_for_hours(
  moment timestamptz, scheduled_for timestamptz, started_at timestamptz
) returns boolean
  language sql immutable parallel safe
  return scheduled_for is not null or started_at < moment - interval '1 hour';

-- The first local send_from after `moment`. A day on which the clocks skip it opens an hour later.
create function logic.next_opening(moment timestamptz, time_zone text, send_from time)
  returns timestamptz
  language sql immutable parallel safe
  return (
    select min(opening)
    from generate_series(0, 2) as days
    cross join lateral (
      select ((moment at time zone time_zone)::date + days + send_from) at time zone time_zone
        as opening
    ) o
    where opening > moment);

-- Begins the practice's run if it is due. A time that passed outside its hours (nothing ran
-- overnight, say) is skipped: the next run does the same work. Returns the run, or null. Planning
-- finds out whether there is anything to send. The unique key on (practice, scheduled_for) holds
-- even if two callers take the same time.
create function logic.begin_scheduled_run(practice integer) returns bigint language plpgsql as $$
declare
  due record;
  begun bigint;
begin
  -- This lock doesn't hold up those who write the practice's other rows.
  select time_zone, send_from, send_until, next_run_at into due
    from practices where id = practice and next_run_at <= clock_timestamp()
    for no key update skip locked;
  if not found then return null; end if;
  update practices
    set next_run_at = logic.next_opening(clock_timestamp(), due.time_zone, due.send_from)
    where id = practice;
  if logic.in_send_window(clock_timestamp(), due.time_zone, due.send_from, due.send_until)
     and exists (select from categories c where c.practice_id = practice and c.automated) then
    insert into runs (practice_id, trigger, state, scheduled_for)
      values (practice, 'AUTOMATED', 'PLANNING', due.next_run_at)
      on conflict (practice_id, scheduled_for) do nothing
      returning id into begun;
  end if;
  return begun;
end $$;
