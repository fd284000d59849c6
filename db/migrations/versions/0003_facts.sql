-- Filters and search of the recall list: stored copies of what logic derives, kept up to date by
-- triggers, and an index for each filter.

-- Copies only for the list and its counts; sending asks the rule itself. Every migration fills and
-- corrects them once the functions are loaded.
alter table recalls
  add column sms_reason  text,                                  -- logic.patient_sms for its patient
  add column category_id bigint,                                -- logic.category_of for the recall
  add foreign key (practice_id, category_id) references categories;

-- Each index has the list's order after the filter's columns, so that a page is read without
-- sorting.
create index recalls_blocked on recalls (practice_id, due_date, id) where sms_reason is not null;
create index recalls_not_blocked on recalls (practice_id, due_date, id) where sms_reason is null;
create index recalls_sms_reason on recalls (practice_id, sms_reason, due_date, id)
  where sms_reason is not null;
create index recalls_category on recalls (practice_id, category_id, due_date, id);
-- Only these can be in a tab.
create index recalls_open on recalls (practice_id, due_date, id)
  where not completed and no_further_action_at is null;

-- A run's messages, in the order in which they were planned.
create index contact_attempts_of_run on contact_attempts (practice_id, run_id, id);

-- Numbers are ASCII. With byte-by-byte comparison their indexes also find the start of a number.
alter table patients alter column mobile type text collate "C";
alter table blocked_communications alter column mobile type text collate "C";

-- The words of a name, each prefixed with the practice's number, because an index of this kind
-- can't start with the practice, and no search may walk through another practice's patients. Letter
-- case is PostgreSQL's own, not the machine's, so that an upgrade of the machine breaks no index.
alter table patients add column name_words tsvector not null generated always as (
  array_to_tsvector(string_to_array(
    practice_id::text || ':' || regexp_replace(
      lower((first_name || ' ' || last_name) collate "pg_c_utf8"), '\W+',
      ' ' || practice_id::text || ':', 'g'),
    ' '))) stored;
-- Without a list of pending entries, which every search would have to read as well.
create index patients_name_words on patients using gin (name_words) with (fastupdate = off);

-- What the planner should assume about a table until it is first analyzed: that its rows belong to
-- few practices and to many recalls, patients and attempts. Otherwise it considers an index by the
-- practice alone as good as one by the row, and a plan made on empty tables reads all of a
-- practice's messages for each recall of a page.
select pg_restore_attribute_stats(
    'schemaname', 'public', 'relname', c.relname::text, 'attname', a.attname::text,
    'inherited', false, 'null_frac', 0::real, 'avg_width', a.attlen::integer,
    'n_distinct', case a.attname when 'practice_id' then 1 else -1 end::real)
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples < 0
    and a.attname in ('practice_id', 'id', 'patient_id', 'recall_id', 'attempt_id')
    and c.relname <> 'practices';

-- The triggers stay; the functions that they call are loaded again with every migration. Each takes
-- the lock in a statement of its own before it reads, so that it sees what was committed before.
create function set_facts_of_recall() returns trigger language plpgsql
  -- It runs for each row of a sync, so it is planned once, by index, whoever calls it.
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  perform logic.lock_facts(new.practice_id);
  select sms.reason, linked.category_id into new.sms_reason, new.category_id
    from logic.category_of(new.practice_id, new.reason, new.urgency) linked
    left join logic.patient_sms sms
      on sms.practice_id = new.practice_id and sms.patient_id = new.patient_id;
  return new;
end $$;
create trigger recalls_facts before insert or update of patient_id, reason, urgency on recalls
  for each row execute function set_facts_of_recall();

create function store_facts_of_patients() returns trigger language plpgsql as $$
begin
  perform logic.lock_facts(p.practice_id)
    from (select distinct practice_id from changed order by practice_id) p;
  perform logic.store_facts(p.practice_id, p.ids)
    from (select practice_id, array_agg(id) as ids from changed group by practice_id) p;
  return null;
end $$;
create trigger patients_facts after update on patients
  referencing new table as changed
  for each statement execute function store_facts_of_patients();

create function store_facts_of_number() returns trigger language plpgsql as $$
declare
  entry constant blocked_communications := case when tg_op = 'DELETE' then old else new end;
begin
  perform logic.lock_facts(entry.practice_id);
  perform logic.store_facts(entry.practice_id, array(
    select p.id from patients p
    where p.practice_id = entry.practice_id
      and p.mobile in (entry.mobile, case when tg_op = 'UPDATE' then old.mobile end)));
  return null;
end $$;
create trigger blocked_communications_facts
  after insert or delete or update of mobile, blocked_recalls on blocked_communications
  for each row execute function store_facts_of_number();

create function store_facts_of_links() returns trigger language plpgsql as $$
begin
  perform logic.lock_facts(p.practice_id)
    from (select distinct practice_id from changed order by practice_id) p;
  perform logic.store_facts(p.practice_id) from (select distinct practice_id from changed) p;
  return null;
end $$;
create trigger category_links_facts_insert after insert on category_links
  referencing new table as changed for each statement execute function store_facts_of_links();
create trigger category_links_facts_update after update on category_links
  referencing new table as changed for each statement execute function store_facts_of_links();
create trigger category_links_facts_delete after delete on category_links
  referencing old table as changed for each statement execute function store_facts_of_links();

create function store_facts_of_practice() returns trigger language plpgsql as $$
begin
  perform logic.lock_facts(new.id);
  perform logic.store_facts(new.id);
  return null;
end $$;
create trigger practices_facts after update of pms_product on practices
  for each row execute function store_facts_of_practice();
