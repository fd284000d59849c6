-- Names that processes of the previous release call from Python until they are restarted: `python -m
-- db migrate` comes first, and they go on serving beside it. The next release takes this away.

create function logic.lock_facts(practice integer) returns void
  language sql as $$ select logic.lock_denormalised(practice) $$;

create function logic.take_unknown(hold interval)
  returns table (practice_id integer, run_id bigint, "position" integer, attempt_id bigint,
                 mobile text, body text, handed_over_at timestamptz, taken_at timestamptz,
                 problem text)
  language sql as $$ select * from logic.claim_unknown(hold) $$;

create function logic.standing_of(
  practice practices, today date, recall bigint, round integer, completed boolean,
  no_further_action boolean, due_date date, steps text[], sms_reason text
) returns table (state text, tab text, due_step integer, next_kind text, under_way boolean)
  language sql stable parallel safe
begin atomic
  select s.state, s.tab, s.due_step, s.next_kind, s.under_way
  from logic.status_of(practice, today, recall, round, completed, no_further_action, due_date,
                       steps, sms_reason) s;
end;

create view logic.recall_standing with (security_invoker) as select * from logic.recall_status;
