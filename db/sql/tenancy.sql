-- Row-level security, and what the application may do. Serving processes connect as recalls_app,
-- which owns nothing: what belongs to another practice than the transaction's is not there for it,
-- and where no practice is set, nothing is. Safe to repeat: every migrate that changes something ends
-- with this.

do $$
begin
  -- db/migrate.py sets its password.
  create role recalls_app login;
exception when duplicate_object or unique_violation then
  null;  -- roles are the whole server's, and another database's migrate may have been quicker
end $$;

-- One policy for each table. The setting is read once a statement, not once a row: that is what the
-- sub-select is for. It is written out, for functions of ours come and go with each migrate.
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

-- Nobody else gets into the database, or makes tables of their own in it; where its owner is another
-- than who migrates, that is theirs to say.
do $$
begin
  execute format('revoke connect, temporary on database %I from public', current_database());
  execute format('grant connect on database %I to recalls_app', current_database());
exception when insufficient_privilege then
  null;
end $$;

-- No more than what some function of db/ does. History can be added to and read; when something
-- happened, and which number it has, PostgreSQL alone says.
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
-- The views ask as whoever asks them.
grant select on all tables in schema logic to recalls_app;
revoke execute on all functions in schema logic from public;
grant execute on all functions in schema logic to recalls_app;
