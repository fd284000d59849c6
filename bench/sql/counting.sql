-- Puts all recalls of the first two practices into To Action; run once, on top of reading.sql.

-- Nothing but SMS steps: those refused an SMS stay in the tab as well.
update categories set steps = array['SMS', 'SMS', 'SMS'] where practice_id in (1, 2);
update recalls set completed = false, due_date = current_date - 20 - bench.die(id, 15, 700)
  where practice_id in (1, 2);

-- Each of the second practice's was sent an SMS two weeks ago, after which its wait is over.
insert into runs (practice_id, id, trigger, state, idempotency_key, arguments_hash, actor,
                  finished_at)
  values (2, 1, 'AUTOMATED', 'FINISHED', 'bench', '', 'Bench', now());
insert into chunks (practice_id, run_id, position, priority, state) values (2, 1, 0, 1, 'DONE');
insert into contact_attempts (practice_id, id, patient_id, run_id, position, kind, trigger, state,
                              mobile, body, created_at, handed_over_at, settled_at)
  select r.practice_id, r.id, r.patient_id, 1, 0, 'SMS', 'AUTOMATED', 'SENT', '+61400000000',
         'Hi ' || r.id || ', your ' || r.reason || ' is due. Please call us on 02 5550 1234.',
         at, at, at
  from recalls r cross join (select now() - interval '14 days' as at) long_ago
  where r.practice_id = 2 order by r.due_date, r.id;
insert into attempt_recalls (practice_id, attempt_id, recall_id, step)
  select practice_id, id, id, 1 from contact_attempts;
