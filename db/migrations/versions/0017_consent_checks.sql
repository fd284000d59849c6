-- Where the PMS shares no consent, staff look it up there. That they did is remembered for the number
-- that the patient had then.
alter table patients
  add column consent_checked_mobile text collate "C",
  add column consent_checked_at     timestamptz,
  add column consent_checked_by     text,
  add constraint patients_consent_checked_check
    check (num_nulls(consent_checked_mobile, consent_checked_at, consent_checked_by) in (0, 3));

alter table audit_events drop constraint audit_events_action_check;
alter table audit_events add constraint audit_events_action_check check (action in
  ('SIGNED_IN', 'SIGN_IN_REFUSED', 'SESSION_STARTED', 'SESSION_ENDED', 'FORBIDDEN', 'PATIENT_VIEWED',
   'RECALLS_SENT', 'RUN_STOPPED', 'CONSENT_OVERRIDDEN', 'CONSENT_CHECKED', 'CONSENT_CHECK_REMOVED',
   'BLOCK_CHANGED', 'CONTACT_RECORDED', 'CONTACT_UNDONE', 'RECALLS_CLOSED', 'RECALLS_REOPENED',
   'PMS_SYNCED', 'SETUP_CHANGED', 'TOKEN_CREATED', 'TOKEN_REVOKED', 'PERSON_REVOKED',
   'PERSON_RESTORED', 'AUDIT_VIEWED', 'AUDIT_EXPORTED'));
