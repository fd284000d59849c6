-- Keeps the denormalised columns, by which the recall list is filtered, equal to their sources: the
-- rule's answer and the category. Nothing here decides. Each trigger takes the lock before it looks,
-- in a statement of its own: so it sees what was committed before.

-- What a recall's denormalised columns should be, by its practice, patient, reason and urgency.
create function logic.denormalised_of(
  practice integer, patient bigint, recall_reason text, recall_urgency text
) returns table (sms_reason text, category_id bigint) language sql stable parallel safe
begin atomic
  select sms.reason, linked.category_id
  from logic.category_of(practice, recall_reason, recall_urgency) linked
  left join logic.patient_sms sms on sms.practice_id = practice and sms.patient_id = patient;
end;

-- Refreshes what is stale in these patients' recalls, or in all of the practice's. The caller holds
-- lock_denormalised. The small tables are looked up by index for each recall, not scanned. The
-- recalls are read once: joined to themselves, they would be read again for each if the planner
-- expected few.
create function logic.refresh_columns(practice integer, patients bigint[]) returns void
  language sql set enable_seqscan = off as $$
    with stale as materialized (
      select r.id, d.sms_reason, d.category_id
      from recalls r
      cross join lateral logic.denormalised_of(r.practice_id, r.patient_id, r.reason, r.urgency) d
      where r.practice_id = practice and r.patient_id = any (patients)
        and (r.sms_reason, r.category_id) is distinct from (d.sms_reason, d.category_id)
    )
    update recalls r set sms_reason = s.sms_reason, category_id = s.category_id
      from stale s where r.practice_id = practice and r.id = s.id
  $$;
create function logic.refresh_columns(practice integer) returns void
  language sql set enable_seqscan = off as $$
    select logic.refresh_columns(practice, array(
      select p.id from patients p where p.practice_id = practice))
  $$;

create or replace function triggers.set_columns() returns trigger language plpgsql
  -- Runs for each row of a sync, so it is planned once, and by index, whatever the caller has set.
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  perform logic.lock_denormalised(new.practice_id);
  select d.sms_reason, d.category_id into new.sms_reason, new.category_id
    from logic.denormalised_of(new.practice_id, new.patient_id, new.reason, new.urgency) d;
  return new;
end $$;

create or replace function triggers.refresh_of_patients() returns trigger language plpgsql as $$
begin
  perform logic.lock_denormalised(p.practice_id)
    from (select distinct practice_id from changed order by practice_id) p;
  perform logic.refresh_columns(p.practice_id, p.ids)
    from (select practice_id, array_agg(id) as ids from changed group by practice_id) p;
  return null;
end $$;

create or replace function triggers.refresh_of_number() returns trigger language plpgsql
  set plan_cache_mode = force_custom_plan as $$  -- whatever the caller has set
declare
  entry constant blocked_communications := case when tg_op = 'DELETE' then old else new end;
begin
  perform logic.lock_denormalised(entry.practice_id);
  perform logic.refresh_columns(entry.practice_id, array(
    select p.id from patients p
    where p.practice_id = entry.practice_id
      and p.mobile in (entry.mobile, case when tg_op = 'UPDATE' then old.mobile end)));
  return null;
end $$;

create or replace function triggers.refresh_of_links() returns trigger language plpgsql as $$
begin
  perform logic.lock_denormalised(p.practice_id)
    from (select distinct practice_id from changed order by practice_id) p;
  perform logic.refresh_columns(p.practice_id) from (select distinct practice_id from changed) p;
  return null;
end $$;

create or replace function triggers.refresh_of_practice() returns trigger language plpgsql as $$
begin
  perform logic.lock_denormalised(new.id);
  perform logic.refresh_columns(new.id);
  return null;
end $$;
