-- Keeping the copies by which the recall list is filtered equal to what they are copied from: the
-- rule's answer and the category. Triggers call this (migration 0003); nothing here decides.

-- Whoever changes what the copies depend on goes one after the other in a practice; of two who each
-- change a part at the same moment, neither would see the other's. It is taken before every other
-- lock, in a statement of its own: the next statement then sees what was committed before it.
-- Claims and planning never take it.
create function logic.lock_facts(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(4, practice) $$;

-- The recalls whose copies are not what they should be, with what they should be.
create view logic.stale_facts with (security_invoker) as
  select r.practice_id, r.id as recall_id, r.patient_id, sms.reason as sms_reason, linked.category_id
  from recalls r
  join logic.patient_sms sms on sms.practice_id = r.practice_id and sms.patient_id = r.patient_id
  cross join lateral logic.category_of(r.practice_id, r.reason, r.urgency) linked
  where (r.sms_reason, r.category_id) is distinct from (sms.reason, linked.category_id);

-- Stores anew what is stale of these patients' recalls, or of all the practice's. The caller holds
-- lock_facts. By id, as whoever closes recalls locks them, so that the two can't deadlock. The small
-- tables are looked up for each recall: by index, not by reading them through.
create function logic.store_facts(practice integer, patients bigint[]) returns void
  language sql set enable_seqscan = off as $$
    with stale as materialized (
      select s.* from recalls r
      join logic.stale_facts s on s.practice_id = r.practice_id and s.recall_id = r.id
      where s.practice_id = practice and s.patient_id = any (patients)
      order by r.id for no key update of r
    )
    update recalls r set sms_reason = s.sms_reason, category_id = s.category_id
      from stale s where r.practice_id = practice and r.id = s.recall_id
  $$;
create function logic.store_facts(practice integer) returns void
  language sql set enable_seqscan = off as $$
    select logic.store_facts(practice, array(
      select distinct s.patient_id from logic.stale_facts s where s.practice_id = practice))
  $$;
