-- Who did what, as it is added to the audit trail.

-- Records an event for each of the patients (one that is null is about nobody), each with its own
-- subject, in the transaction of the change that it describes.
create function logic.record_events(
  practice integer, actor text, actor_kind text, actor_id bigint, role text, origin text,
  action text, patients bigint[], subjects text[], details jsonb
) returns void language sql as $$
  insert into audit_events
      (practice_id, actor, actor_kind, actor_id, role, origin, action, patient_id, subject, details)
    select practice, actor, actor_kind, actor_id, role, origin, action, about.patient,
           about.subject, details
    from unnest(patients, subjects) as about (patient, subject)
$$;

-- Is this use a sign-in? It is after half an hour without, or from another address than the last.
create function logic.signs_in(last_used_at timestamptz, last_used_from text, origin text)
  returns boolean language sql stable
  return last_used_at is null or last_used_at < now() - interval '30 minutes'
         or last_used_from is distinct from origin;

-- Notes that a token, or a person of the identity provider, was used from the address `origin`, and
-- a session of it. A sign-in is an event. For people, what the provider says of them is stored as
-- well.
create function logic.note_use(
  practice integer, kept_in text, session bigint,
  actor text, actor_kind text, actor_id bigint, role text, origin text
) returns void language plpgsql as $$
declare
  signs_in boolean;
begin
  if kept_in = 'people' then
    update people p
      set last_used_at = now(), last_used_from = origin, name = actor, role = note_use.role
      where p.practice_id = practice and p.id = actor_id
      returning logic.signs_in(old.last_used_at, old.last_used_from, origin) into signs_in;
  else
    update access_tokens t set last_used_at = now(), last_used_from = origin
      where t.practice_id = practice and t.id = actor_id
      returning logic.signs_in(old.last_used_at, old.last_used_from, origin) into signs_in;
  end if;
  if session is not null then
    update sessions s set last_used_at = now(), last_used_from = origin
      where s.practice_id = practice and s.id = session;
  end if;
  if signs_in then
    perform logic.record_events(practice, actor, actor_kind, actor_id, role, origin, 'SIGNED_IN',
                                array[null::bigint], array[null::text], null);
  end if;
end $$;
