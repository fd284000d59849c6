-- The audit trail is in order of time. Each index has that order after the filter's columns, so
-- that a page is read without sorting, and a time limits what is read.
drop index audit_events_patient, audit_events_actor, audit_events_at;
create index audit_events_patient on audit_events (practice_id, patient_id, at, id)
  where patient_id is not null;
create index audit_events_actor on audit_events (practice_id, actor, at, id);
create index audit_events_at on audit_events (practice_id, at, id);
