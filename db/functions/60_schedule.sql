-- When a practice's automated run is due, in its own local time and across daylight saving.

-- The practice may send at `moment`: from send_from up to, and not at, send_until.
create function logic.in_send_window(
  moment timestamptz, time_zone text, send_from time, send_until time
) returns boolean
  language sql immutable parallel safe
  return (moment at time zone time_zone)::time >= send_from
     and (moment at time zone time_zone)::time < send_until;

-- Does the run's message wait for the practice's hours? What the schedule began does. What a person
-- began goes at any hour while they may be waiting for it; an hour later it waits like the rest, lest
-- what a worker left over from the afternoon goes out at three in the morning.
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

-- Takes the practices whose run is due and begins their runs. A time that passed outside the
-- practice's hours (nothing ran overnight, say) is let go: the next one does the same work. Gives
-- back the runs begun. The unique key on (practice, scheduled_for) holds even if two took one.
create function logic.begin_scheduled_runs()
  returns table (practice_id integer, run_id bigint) language plpgsql as $$
#variable_conflict use_column
declare
  due record;
  practice record;
begin
  for due in select * from logic.practices_due() loop
    perform logic.enter(due.practice_id);
    select id, time_zone, send_from, send_until, next_run_at into practice
      from practices where id = due.practice_id;
    update practices
      set next_run_at = logic.next_opening(
        clock_timestamp(), practice.time_zone, practice.send_from)
      where id = practice.id;
    if logic.in_send_window(clock_timestamp(), practice.time_zone, practice.send_from,
                            practice.send_until)
       and exists (select from logic.recall_standing s
                   where s.practice_id = practice.id
                     and logic.due_for_automation(s.state, s.automated, s.next_kind, s.under_way))
    then
      return query
        with begun as (
          insert into runs (practice_id, trigger, state, scheduled_for)
          values (practice.id, 'AUTOMATED', 'PLANNING', practice.next_run_at)
          on conflict (practice_id, scheduled_for) do nothing
          returning practice_id, id
        ), audited as (
          insert into audit_events (practice_id, actor, action, subject)
          select b.practice_id, 'Schedule', 'RECALLS_SENT', 'Run:' || b.id from begun b
        )
        select b.practice_id, b.id from begun b;
    end if;
  end loop;
end $$;
