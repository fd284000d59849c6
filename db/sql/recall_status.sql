-- The recall status: category, state, tab and due step, derived from stored facts and the
-- practice's local date. The diagram is in docs/recalls.md.

-- A recall's category: that of its reason, else of its urgency, else null.
create function logic.category_of(practice integer, recall_reason text, recall_urgency text)
  returns table (category_id bigint) language sql stable parallel safe
begin atomic
  select coalesce(by_reason.category_id, by_urgency.category_id)
  from (values (practice)) p (id)
  left join category_links by_reason
    on by_reason.practice_id = p.id and by_reason.kind = 'REASON'
    and by_reason.link_key = lower(recall_reason)
  left join category_links by_urgency
    on by_urgency.practice_id = p.id and by_urgency.kind = 'URGENCY'
    and by_urgency.link_key = lower(recall_urgency);
end;

-- Has the attempt reached the patient, or may it have? A queued one counts, lest another is queued.
create function logic.is_contact(attempt_state text) returns boolean
  language sql immutable parallel safe
  return attempt_state in ('QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'UNKNOWN', 'DONE');

-- On its way: nobody sends it a second time.
create function logic.is_under_way(attempt_state text) returns boolean
  language sql immutable parallel safe
  return attempt_state in ('QUEUED', 'SENDING');

create function logic.today(time_zone text) returns date
  language sql stable parallel safe
  return (now() at time zone time_zone)::date;

-- A recall that is due later than this is not contacted yet.
create function logic.last_due_date(first_contact_days integer, today date) returns date
  language sql immutable parallel safe
  return today + first_contact_days;

-- Does a recall that is moved to this later date begin anew? It does if it is done, or if it isn't
-- to be contacted yet.
create function logic.begins_round(practice integer, done boolean, due_date date)
  returns boolean language sql stable parallel safe
  return done or (
    select due_date > logic.last_due_date(pr.first_contact_days, logic.today(pr.time_zone))
    from practices pr where pr.id = practice);

-- A PMS reuses a recall, with the same id and a later date: its steps begin anew. The diagram is in
-- docs/recalls.md.
create or replace function triggers.begin_round() returns trigger language plpgsql as $$
declare
  done constant boolean := old.completed or new.completed;
begin
  if logic.begins_round(new.practice_id, done, new.due_date) then
    new.round := old.round + 1;
    if done then
      new.no_further_action_at := null;  -- that was about the round that is over
      new.no_further_action_by := null;
    end if;
  end if;
  return new;
end $$;

-- rests_until: the first day on which the recall may be contacted again; null if nobody was
-- contacted.
create function logic.recall_state(
  completed boolean, no_further_action boolean, due_date date, first_contact_days integer,
  under_way boolean, rests_until date, today date
) returns text
  language sql immutable parallel safe
  return case
    when completed then 'COMPLETED'
    when no_further_action then 'NO_FURTHER_ACTION'
    when due_date > logic.last_due_date(first_contact_days, today) then 'WAITING'
    when under_way or rests_until > today then 'WAITING'
    else 'TO_ACTION'
  end;

-- The position in steps that is due once `taken` positions are behind: the next one; but if that is
-- an SMS that the rule refuses hard, the next call or letter after it, if there is one.
create function logic.due_step(steps text[], taken integer, hard boolean) returns integer
  language sql immutable parallel safe
  return case
    when hard and steps[taken + 1] = 'SMS' then coalesce(
      least(array_position(steps, 'PHONE', taken + 2), array_position(steps, 'LETTER', taken + 2)),
      taken + 1)
    else taken + 1
  end;

create function logic.recall_tab(state text, due_kind text) returns text
  language sql immutable parallel safe
  return case when state = 'TO_ACTION' then
    case due_kind when 'PHONE' then 'CALLS' when 'LETTER' then 'LETTERS' else 'TO_ACTION' end
  end;

-- May staff record a call or a letter for the recall?
create function logic.open_to_contact(state text, sms_reason text) returns boolean
  language sql immutable parallel safe
  return state in ('TO_ACTION', 'WAITING') and not logic.beyond_contact(sms_reason);

-- Can a recall in a category with these steps ever be in the tab? After the last step, none is due.
create function logic.reaches_tab(steps text[], tab text) returns boolean
  language sql immutable parallel safe
  return exists (select from unnest(steps || null::text) due_kind
                 where logic.recall_tab('TO_ACTION', due_kind) = tab);

-- The last contact of a recall. An aggregate without a sort: most recalls have none or one.
create type logic.contact as (at timestamptz, attempt_id bigint, kind text, state text);
create function logic.later_contact(one logic.contact, other logic.contact) returns logic.contact
  language plpgsql immutable strict parallel safe as $$
begin
  if (one.at, one.attempt_id) > (other.at, other.attempt_id) then return one; end if;
  return other;
end $$;
create aggregate logic.last_contact(logic.contact) (
  sfunc = logic.later_contact, stype = logic.contact, parallel = safe
);

-- When the patient was contacted: when the message was handed over, not when it was planned.
create function logic.contacted_at(created_at timestamptz, handed_over_at timestamptz)
  returns timestamptz language sql immutable parallel safe
  return coalesce(handed_over_at, created_at);

-- A recall's attempts in sum: one row, even if there are none. Steps are those of its round; the
-- wait that follows a contact runs on from one round into the next.
create function logic.history_of(practice integer, recall bigint, current_round integer)
  returns table (taken integer, under_way boolean, last_contact logic.contact)
  language sql stable parallel safe
begin atomic
  select coalesce(max(ar.step) filter (where ar.round = current_round), 0)::integer,
         coalesce(bool_or(logic.is_under_way(a.state)), false),
         logic.last_contact(
           row(logic.contacted_at(a.created_at, a.handed_over_at), a.id, a.kind, a.state)::logic.contact)
           filter (where logic.is_contact(a.state))
  from attempt_recalls ar
  join contact_attempts a on a.practice_id = ar.practice_id and a.id = ar.attempt_id
  where ar.practice_id = practice and ar.recall_id = recall;
end;

-- A recall's status, by its practice and the date there, its own facts, its category's steps, the
-- rule's answer for its patient, and its history. One row.
create function logic.status_of(
  practice practices, today date, recall bigint, round integer, completed boolean,
  no_further_action boolean, due_date date, steps text[], sms_reason text
) returns table (state text, tab text, due_step integer, next_kind text, under_way boolean,
                 back_on date)
  language sql stable parallel safe
begin atomic
  select st.state,
         -- There is nobody to call or to write to: somebody puts it right in the PMS.
         logic.recall_tab(st.state, case when not logic.beyond_contact(sms_reason)
                                         then steps[st.due_step] end),
         st.due_step, steps[h.taken + 1],
         -- An UNKNOWN message may have reached the patient: until its wait is over nothing is sent
         -- after it; then the next step is, or a person decides.
         h.under_way
           or coalesce((h.last_contact).state = 'UNKNOWN' and f.rests_until > today, false),
         -- Not known while a message is on its way: the wait begins when it goes.
         case when st.state = 'WAITING' and not h.under_way then
           greatest(due_date - (practice).first_contact_days, f.rests_until) end
  from logic.history_of((practice).id, recall, round) h
  cross join lateral (
    select ((h.last_contact).at at time zone (practice).time_zone)::date
             + case (h.last_contact).kind
                 when 'SMS' then (practice).sms_repeat_days
                 when 'PHONE' then (practice).phone_repeat_days
                 when 'LETTER' then (practice).letter_repeat_days
               end as rests_until
  ) f
  cross join lateral (
    select logic.due_step(steps, h.taken, logic.sms_block_hard(sms_reason)) as due_step,
           logic.recall_state(completed, no_further_action, due_date,
                              (practice).first_contact_days, h.under_way, f.rests_until,
                              today) as state
  ) st;
end;

-- One row per recall, by the facts as they stand now: for sending.
create view logic.recall_status with (security_invoker) as
  select r.practice_id, r.id as recall_id, r.patient_id, r.round, c.id as category_id, c.automated,
         r.reason, r.due_date, sms.mobile, sms.name, sms.reason as sms_reason,
         st.due_step, st.next_kind, st.state, st.under_way, st.tab
  from recalls r
  join practices pr on pr.id = r.practice_id
  join logic.patient_sms sms on sms.practice_id = r.practice_id and sms.patient_id = r.patient_id
  cross join lateral logic.category_of(r.practice_id, r.reason, r.urgency) linked
  left join categories c on c.practice_id = r.practice_id and c.id = linked.category_id
  cross join lateral logic.status_of(
    pr, logic.today(pr.time_zone), r.id, r.round, r.completed, r.no_further_action_at is not null,
    r.due_date, c.steps, sms.reason) st;
