-- A name doesn't identify the actor: two may have the same, and people may change theirs at the
-- identity provider. So the kind of actor is kept beside it and, for a token or a person, the id.
-- Both are null in rows of earlier releases, for which they aren't known; so there is nothing to
-- validate.
do $$
declare
  name text;
begin
  foreach name in array array['audit_events', 'block_events', 'runs', 'contact_attempts'] loop
    execute format($ddl$
      alter table %1$I
        add column actor_kind text,
        add column actor_id   bigint,                           -- in access_tokens or people
        add constraint %1$s_actor_kind_check check (actor_kind in
          ('TOKEN', 'PERSON', 'HOST', 'PATIENT', 'GATEWAY', 'SCHEDULE', 'STRANGER')) not valid,
        add constraint %1$s_actor_id_check check (
          (actor_id is not null) = coalesce(actor_kind in ('TOKEN', 'PERSON'), false)) not valid,
        add constraint %1$s_actor_check_named check (
          actor is not null or actor_kind is null) not valid
      $ddl$, name);
  end loop;
end $$;
create index audit_events_actor_id on audit_events (practice_id, actor_kind, actor_id, at, id)
  where actor_id is not null;

alter table audit_events drop constraint audit_events_action_check;
alter table audit_events add constraint audit_events_action_check check (action in
  ('SIGNED_IN', 'SIGN_IN_REFUSED', 'FORBIDDEN', 'PATIENT_VIEWED', 'RECALLS_SENT', 'RUN_STOPPED',
   'CONSENT_OVERRIDDEN', 'BLOCK_CHANGED', 'CONTACT_RECORDED', 'RECALLS_CLOSED', 'PMS_SYNCED',
   'SETUP_CHANGED', 'TOKEN_CREATED', 'TOKEN_REVOKED', 'AUDIT_VIEWED', 'AUDIT_EXPORTED'));

-- How many rows about people each viewer was shown in lists, by the hour of the practice's clock.
-- Counted in the API's processes, and added here every few seconds.
create table people_shown (
  practice_id integer not null references practices,
  id          bigint generated always as identity,
  hour        timestamptz not null,                             -- its start
  actor_kind  text not null check (actor_kind in ('TOKEN', 'PERSON')),
  actor_id    bigint not null,
  people      integer not null check (people >= 0),             -- rows about people, counted each time shown
  lists       integer not null check (lists >= 0),              -- pages of lists
  searches    integer not null check (searches >= 0),           -- for a name or a number
  primary key (practice_id, id),
  unique (practice_id, hour, actor_kind, actor_id)
);
create index people_shown_hour on people_shown (practice_id, hour, id);

-- As for the tables in 0003: the actor restricts more than the time.
select pg_restore_attribute_stats(
    'schemaname', 'public', 'relname', 'audit_events', 'attname', name, 'inherited', false,
    'null_frac', 0::real, 'avg_width', width, 'n_distinct', -1::real)
  from (values ('actor', 12), ('actor_kind', 7), ('actor_id', 8)) as columns (name, width);

-- As for the tables in 0003.
select pg_restore_attribute_stats(
    'schemaname', 'public', 'relname', 'people_shown', 'attname', a.attname::text,
    'inherited', false, 'null_frac', 0::real, 'avg_width', a.attlen::integer,
    'n_distinct', case a.attname when 'practice_id' then 1 else -1 end::real)
  from pg_attribute a
  where a.attrelid = 'people_shown'::regclass and a.attname in ('practice_id', 'id');
