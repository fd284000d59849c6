-- Triggers' functions that refuse what CHECKs can't; triggers.sql says when.

create or replace function triggers.reject_change_of_history() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;

create or replace function triggers.reject_attempt_transition() returns trigger language plpgsql as $$
begin
  raise exception 'a contact attempt may not go from % to %', old.state, new.state;
end $$;
