-- Row-level security, and what the application may do. Serving processes connect as recalls_app,
-- which owns nothing: it sees nothing of practices other than the transaction's, and nothing at all
-- if no practice is set. Safe to repeat: every migration that changes something ends with this.

do $$
begin
  -- db/migrate.py sets its password.
  create role recalls_app login;
exception when duplicate_object or unique_violation then
  null;  -- roles belong to the whole server; another database's migration may have been quicker
end $$;

-- One policy per table. The sub-select makes the setting be read once a statement, not once a row.
-- It is written out, because our functions come and go with each migration.
do $$
declare
  found record;
begin
  for found in
    select c.oid::regclass as name, a.attname as key
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid
      and a.attname = case c.relname when 'practices' then 'id' else 'practice_id' end
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not exists (select from pg_policy p where p.polrelid = c.oid)
  loop
    execute format('alter table %s enable row level security', found.name);
    execute format(
      'create policy of_practice on %s to recalls_app using (%I ='
      ' (select nullif(current_setting(''recalls.practice'', true), '''')::integer))',
      found.name, found.key);
  end loop;
end $$;

-- Nobody else gets into the database, or creates temporary tables in it; if the migrating role
-- isn't the database's owner, that is for the owner to say.
do $$
begin
  execute format('revoke connect, temporary on database %I from public', current_database());
  execute format('grant connect on database %I to recalls_app', current_database());
exception when insufficient_privilege then
  null;
end $$;

-- No more than the functions of db/ need. History can be added to and read; only PostgreSQL sets an
-- event's time and number.
grant usage on schema public, logic to recalls_app;
grant select on practices, access_tokens, patients, categories, category_links, recalls,
  blocked_communications, block_events, runs, chunks, contact_attempts, attempt_recalls, people,
  sessions, ended_jwts, audit_events, people_shown to recalls_app;
revoke insert on block_events, audit_events from recalls_app;  -- which an earlier release granted
grant insert (practice_id, mobile, actor, actor_kind, actor_id, source, listed, blocked_recalls, note)
  on block_events to recalls_app;
grant insert (practice_id, actor, actor_kind, actor_id, role, origin, action, patient_id, subject,
  details) on audit_events to recalls_app;
grant insert on access_tokens, patients, categories, category_links, recalls,
  blocked_communications, runs, chunks, contact_attempts, attempt_recalls, people, sessions,
  ended_jwts to recalls_app;
grant update on patients, categories, category_links, recalls, blocked_communications, runs, chunks,
  contact_attempts, attempt_recalls, people to recalls_app;
grant update (first_contact_days, sms_repeat_days, letter_repeat_days, phone_repeat_days, send_from,
  send_until, next_run_at) on practices to recalls_app;
grant update (revoked_at, revoked_by, last_used_at, last_used_from) on access_tokens to recalls_app;
grant update (last_used_at, last_used_from, ended_at) on sessions to recalls_app;
grant delete on category_links, blocked_communications, runs, sessions, ended_jwts to recalls_app;
grant usage on sequence contact_attempts_id_seq to recalls_app;
-- The views read with their caller's rights.
grant select on all tables in schema logic to recalls_app;
revoke execute on all functions in schema logic from public;
grant execute on all functions in schema logic to recalls_app;
