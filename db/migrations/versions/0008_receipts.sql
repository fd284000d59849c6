-- A receipt proves that the gateway had the message, so it also settles messages that were thought
-- not to have been taken; and a message reported as not delivered may arrive after all.

-- The state machine drawn in docs/sending.md.
drop trigger contact_attempts_transition on contact_attempts;
create trigger contact_attempts_transition before update of state on contact_attempts
  for each row when (old.state <> new.state and (old.state, new.state) not in (
    ('QUEUED', 'SENDING'), ('QUEUED', 'REFUSED'), ('QUEUED', 'CANCELLED'),
    ('QUEUED', 'SENT'), ('QUEUED', 'DELIVERED'), ('QUEUED', 'UNDELIVERED'), ('QUEUED', 'FAILED'),
    ('SENDING', 'QUEUED'), ('SENDING', 'SENT'), ('SENDING', 'DELIVERED'),
    ('SENDING', 'UNDELIVERED'), ('SENDING', 'FAILED'), ('SENDING', 'UNKNOWN'),
    ('UNKNOWN', 'QUEUED'), ('UNKNOWN', 'SENT'), ('UNKNOWN', 'DELIVERED'),
    ('UNKNOWN', 'UNDELIVERED'), ('UNKNOWN', 'FAILED'),
    ('REFUSED', 'SENT'), ('REFUSED', 'DELIVERED'), ('REFUSED', 'UNDELIVERED'),
    ('REFUSED', 'FAILED'),
    ('CANCELLED', 'SENT'), ('CANCELLED', 'DELIVERED'), ('CANCELLED', 'UNDELIVERED'),
    ('CANCELLED', 'FAILED'),
    ('SENT', 'DELIVERED'), ('SENT', 'UNDELIVERED'), ('SENT', 'FAILED'),
    ('UNDELIVERED', 'DELIVERED'), ('FAILED', 'DELIVERED')))
  execute function reject_attempt_transition();

-- Outcomes from a receipt, a late answer or the gateway's list. Not SENT to DELIVERED, which
-- changes no count and no recall but comes for each message: transactions that notify commit one by
-- one.
drop trigger contact_attempts_fate_news on contact_attempts;
create trigger contact_attempts_fate_news after update of state on contact_attempts
  for each row when (new.state <> old.state and (
    old.state in ('UNKNOWN', 'REFUSED', 'CANCELLED', 'UNDELIVERED', 'FAILED')
    or (old.state = 'QUEUED' and new.state not in ('SENDING', 'REFUSED', 'CANCELLED'))
    or (old.state = 'SENT' and new.state <> 'DELIVERED')))
  execute function announce_change('RECALLS', 'RUNS');
