-- Keeps the denormalised columns, by which the recall list is filtered, equal to their sources: the
-- rule's answer and the category. Triggers call this (migration 0003); nothing here decides.

-- Changes to what the columns depend on go one after the other within a practice: of two at the
-- same moment, neither would see the other's part. Closing recalls does too, because each of these
-- changes many recalls, in an order of its own. The lock is taken before every other, in a
-- statement of its own: the next statement then sees what was committed before it. Claims and
-- planning never take it.
create function logic.lock_facts(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(4, practice) $$;

-- What a recall's denormalised columns should be, by its practice, patient, reason and urgency.
create function logic.facts_of(
  practice integer, patient bigint, recall_reason text, recall_urgency text
) returns table (sms_reason text, category_id bigint) language sql stable parallel safe
begin atomic
  select sms.reason, linked.category_id
  from logic.category_of(practice, recall_reason, recall_urgency) linked
  join logic.patient_sms sms on sms.practice_id = practice and sms.patient_id = patient;
end;

-- Refreshes what is stale in these patients' recalls, or in all of the practice's. The caller holds
-- lock_facts. The small tables are looked up by index for each recall, not scanned. The recalls are
-- read once: joined to themselves, they would be read again for each if the planner expected few.
create function logic.store_facts(practice integer, patients bigint[]) returns void
  language sql set enable_seqscan = off as $$
    with stale as materialized (
      select r.id, f.sms_reason, f.category_id
      from recalls r
      cross join lateral logic.facts_of(r.practice_id, r.patient_id, r.reason, r.urgency) f
      where r.practice_id = practice and r.patient_id = any (patients)
        and (r.sms_reason, r.category_id) is distinct from (f.sms_reason, f.category_id)
    )
    update recalls r set sms_reason = s.sms_reason, category_id = s.category_id
      from stale s where r.practice_id = practice and r.id = s.id
  $$;
create function logic.store_facts(practice integer) returns void
  language sql set enable_seqscan = off as $$
    select logic.store_facts(practice, array(
      select p.id from patients p where p.practice_id = practice))
  $$;
