-- The change feed: what PostgreSQL notifies the API's processes of.

-- Notifies that something of these kinds changed in the transaction's practice; PostgreSQL sends
-- equal notifications once a transaction. Messages handed over are notified by logic.notify_run,
-- chunk by chunk.
create or replace function triggers.notify_change() returns trigger language plpgsql as $$
declare
  practice constant text := current_setting('recalls.practice', true);
begin
  for i in 0 .. tg_nargs - 1 loop
    if practice <> '' then perform pg_notify('changes', practice || ':' || tg_argv[i]); end if;
  end loop;
  return null;
end $$;

-- Wakes the run's watchers.
create function logic.notify_run(practice integer, run bigint) returns void
  language sql as $$ select pg_notify('run_progress', practice || ':' || run) $$;
