-- Where a recall stands: its category, state, tab and due step, derived from stored facts and the
-- practice's local date. The diagram is in docs/recalls.md.

-- Has, or may have, the attempt reached the patient? One that is queued counts, lest another is.
create function logic.is_contact(attempt_state text) returns boolean
  language sql immutable parallel safe
  return attempt_state in ('QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'UNKNOWN', 'DONE');

-- On its way: not to be sent a second time, whoever asks.
create function logic.is_under_way(attempt_state text) returns boolean
  language sql immutable parallel safe
  return attempt_state in ('QUEUED', 'SENDING');

create function logic.today(time_zone text) returns date
  language sql stable parallel safe
  return (now() at time zone time_zone)::date;

-- rests_until: the first day on which the recall may be contacted again; null where nobody was.
create function logic.recall_state(
  completed boolean, no_further_action boolean, due_date date, first_contact_days integer,
  rests_until date, today date
) returns text
  language sql immutable parallel safe
  return case
    when completed then 'COMPLETED'
    when no_further_action then 'NO_FURTHER_ACTION'
    when due_date - first_contact_days > today then 'WAITING'
    when rests_until > today then 'WAITING'
    else 'TO_ACTION'
  end;

-- The position in steps that is due once `taken` positions are behind: the next one; but where
-- that is an SMS that the rule refuses hard, the next call or letter after it, if there is one.
create function logic.due_step(steps text[], taken integer, hard boolean) returns integer
  language sql immutable parallel safe
  return case
    when hard and steps[taken + 1] = 'SMS' then coalesce(
      (select min(i) from generate_subscripts(steps, 1) i where i > taken and steps[i] <> 'SMS'),
      taken + 1)
    else taken + 1
  end;

create function logic.recall_tab(state text, due_kind text) returns text
  language sql immutable parallel safe
  return case
    when state <> 'TO_ACTION' then null
    when due_kind = 'PHONE' then 'CALLS'
    when due_kind = 'LETTER' then 'LETTERS'
    else 'TO_ACTION'
  end;

-- The last contact of a recall.
create type logic.contact as (at timestamptz, kind text, state text);

-- One row for every recall. A recall's category is that of its reason, else of its urgency.
create view logic.recall_standing as
  select f.practice_id, f.recall_id, f.patient_id, f.category_id, f.automated, f.reason,
         f.due_date, f.mobile, f.name, f.sms_reason, f.due_step, f.next_kind, st.state,
         -- An UNKNOWN message may be with the patient: until its wait is over nothing is sent after
         -- it; then the next step is, or a person decides.
         f.under_way or (f.unknown and f.rests_until > st.today) as under_way,
         logic.recall_tab(st.state, f.steps[f.due_step]) as tab
  from (
    select r.practice_id, r.id as recall_id, r.patient_id, r.reason, c.id as category_id,
           c.automated, c.steps, r.completed, r.no_further_action_at, r.due_date, pr.first_contact_days,
           pr.time_zone, sms.mobile, sms.name, sms.reason as sms_reason,
           logic.due_step(c.steps, taken.steps, logic.sms_block_hard(sms.reason)) as due_step,
           c.steps[taken.steps + 1] as next_kind,
           coalesce(history.under_way, false) as under_way,
           coalesce((history.contact).state = 'UNKNOWN', false) as unknown,
           ((history.contact).at at time zone pr.time_zone)::date + case (history.contact).kind
             when 'SMS' then pr.sms_repeat_days
             when 'PHONE' then pr.phone_repeat_days
             when 'LETTER' then pr.letter_repeat_days
           end as rests_until
    from recalls r
    join practices pr on pr.id = r.practice_id
    join logic.patient_sms sms on sms.practice_id = r.practice_id and sms.patient_id = r.patient_id
    left join category_links reason_link
      on reason_link.practice_id = r.practice_id and reason_link.kind = 'REASON'
      and reason_link.link_key = lower(r.reason)
    left join category_links urgency_link
      on urgency_link.practice_id = r.practice_id and urgency_link.kind = 'URGENCY'
      and urgency_link.link_key = lower(r.urgency)
    left join categories c
      on c.practice_id = r.practice_id
      and c.id = coalesce(reason_link.category_id, urgency_link.category_id)
    left join lateral (
      select max(ar.step) as steps_taken,
             bool_or(logic.is_under_way(a.state)) as under_way,
             (array_agg(row(a.created_at, a.kind, a.state)::logic.contact
                        order by a.created_at desc, a.id desc)
               filter (where logic.is_contact(a.state)))[1] as contact
      from attempt_recalls ar
      join contact_attempts a on a.practice_id = ar.practice_id and a.id = ar.attempt_id
      where ar.practice_id = r.practice_id and ar.recall_id = r.id
    ) history on true
    cross join lateral (select coalesce(history.steps_taken, 0)::integer as steps) taken
  ) f
  cross join lateral (
    select day.today, logic.recall_state(f.completed, f.no_further_action_at is not null,
                                         f.due_date, f.first_contact_days, f.rests_until,
                                         day.today) as state
    from (select logic.today(f.time_zone) as today) day
  ) st;
