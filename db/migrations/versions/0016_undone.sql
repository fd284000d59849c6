-- A call or a letter that was recorded by mistake is CANCELLED: undone.
alter table contact_attempts
  drop constraint contact_attempts_check,
  drop constraint contact_attempts_check6,
  drop constraint contact_attempts_cancellation_check,
  add constraint contact_attempts_check
    check (case when kind = 'SMS' then state <> 'DONE' else state in ('DONE', 'CANCELLED') end),
  add constraint contact_attempts_check6
    check (kind <> 'SMS' or state = 'REFUSED'
           or (position is not null and mobile is not null and body is not null)),
  add constraint contact_attempts_cancellation_check
    check (cancellation in ('PATIENT_CHANGED', 'RECALL_COMPLETED', 'NO_FURTHER_ACTION',
      'MOBILE_CHANGED', 'NO_LONGER_DUE', 'RUN_STOPPED', 'CONSENT_WITHDRAWN', 'UNDONE')),
  add constraint contact_attempts_undone_check
    check ((cancellation is not distinct from 'UNDONE') = (kind <> 'SMS' and state = 'CANCELLED'));

alter table audit_events drop constraint audit_events_action_check;
alter table audit_events add constraint audit_events_action_check check (action in
  ('SIGNED_IN', 'SIGN_IN_REFUSED', 'SESSION_STARTED', 'SESSION_ENDED', 'FORBIDDEN', 'PATIENT_VIEWED',
   'RECALLS_SENT', 'RUN_STOPPED', 'CONSENT_OVERRIDDEN', 'BLOCK_CHANGED', 'CONTACT_RECORDED',
   'CONTACT_UNDONE', 'RECALLS_CLOSED', 'RECALLS_REOPENED', 'PMS_SYNCED', 'SETUP_CHANGED',
   'TOKEN_CREATED', 'TOKEN_REVOKED', 'PERSON_REVOKED', 'PERSON_RESTORED', 'AUDIT_VIEWED',
   'AUDIT_EXPORTED'));

-- Messages that may need somebody: few, because a later attempt settles each.
create index contact_attempts_amiss on contact_attempts (practice_id, id)
  where state in ('FAILED', 'UNDELIVERED', 'UNKNOWN');
