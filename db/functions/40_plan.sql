-- Planning: turning recalls into messages of a run.

-- Locks. Blocks and claims of a practice exclude each other (1), so that a claim either comes
-- before a block and is waited for, or comes after it and sees it. Whatever takes steps of a
-- practice's recalls (2) goes one after the other, so that no two plan the same step.
create function logic.lock_claims_against_block(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock_shared(1, practice) $$;
create function logic.lock_block_against_claims(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(1, practice) $$;
create function logic.lock_steps(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(2, practice) $$;

-- Open recalls that automation would contact now: an automated category's, at an SMS step, due, and
-- with no message on its way. The rule decides later which of them are sent; all are looked at.
create view logic.due_for_automation as
  select practice_id, recall_id, patient_id, category_id
  from logic.recall_standing
  where state = 'TO_ACTION' and automated and next_kind = 'SMS' and not under_way;

-- Writes the attempts of the recalls into the run: one QUEUED message for each draft, cut into
-- chunks from first_position on, and one REFUSED attempt for each recall that the rule refuses
-- hard. The caller holds lock_steps. Gives back how many of each.
create function logic.plan_messages(
  practice integer, run bigint, recall_ids bigint[], first_position integer,
  chunk_size integer, chunk_priority integer, not_before timestamptz
) returns table (queued integer, refused integer) language sql as $$
  with draft as materialized (
    select nextval('contact_attempts_id_seq') as attempt_id, d.*,
           case when not d.hard then first_position
             + ((row_number() over (partition by d.hard order by d.patient_id) - 1)
                / chunk_size)::integer end as position
    from logic.draft_messages(practice, recall_ids) d
  ), new_chunks as (
    insert into chunks (practice_id, run_id, position, priority, not_before)
      select distinct practice, run, d.position, chunk_priority, plan_messages.not_before
      from draft d where not d.hard
  ), new_attempts as (
    insert into contact_attempts (practice_id, id, patient_id, run_id, position, kind, trigger,
        state, refusal_reason, overridden_reason, mobile, body, actor, settled_at)
      select practice, d.attempt_id, d.patient_id, run, d.position, 'SMS', r.trigger,
             case when d.hard then 'REFUSED' else 'QUEUED' end,
             case when d.hard then d.sms_reason end,
             case when not d.hard then d.sms_reason end,
             d.mobile, d.body, case when r.trigger = 'MANUAL' then r.actor end,
             case when d.hard then now() end
      from draft d
      join runs r on r.practice_id = practice and r.id = run
  ), new_links as (
    insert into attempt_recalls (practice_id, attempt_id, recall_id, step)
      select practice, d.attempt_id, u.recall_id, case when not d.hard then u.step end
      from draft d cross join unnest(d.recalls, d.steps) as u (recall_id, step)
  )
  select (count(*) filter (where not hard))::integer, (count(*) filter (where hard))::integer
  from draft
$$;
