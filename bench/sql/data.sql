-- Makes the practices' patients and recalls; run once in each template.
create schema bench;

-- A recall each, with the reason and long due, for so many patients, whose numbers count up from
-- first_mobile. Nothing stands against an SMS to any of them. The category is what the trigger stores.
create function bench.fill(practice integer, for_reason text, first_mobile bigint, patients integer)
  returns void language sql as $$
    with people as (
      insert into patients (practice_id, pms_id, first_name, last_name, birth_date,
                            mobile, mobile_typed, sms_consent, status)
      select practice, for_reason || n,
             (array['Ann', 'Bartholomew', 'Chiara', 'Dương', 'Eleni'])[n % 5 + 1], 'Smith',
             date '1950-01-01' + n % 20000,
             '+' || first_mobile + n, '+' || first_mobile + n, true, 'ACTIVE'
      from generate_series(0, patients - 1) n
      returning id, pms_id
    )
    insert into recalls (practice_id, pms_id, patient_id, reason, due_date, completed, category_id)
      select practice, pms_id, id, for_reason, current_date - 30, false,
             (select category_id from logic.category_of(practice, for_reason, null))
      from people
  $$;

-- A blocked communication list, of people who have no recall.
create function bench.fill_blocklist(practice integer) returns void language sql as $$
  insert into blocked_communications (practice_id, mobile, blocked_recalls)
    select practice, '+' || 61480000000 + n, true from generate_series(1, 1000) n
$$;

-- No run begins by itself while we measure.
create function bench.stop_schedule() returns void language sql as $$
  update practices set next_run_at = now() + interval '30 days'
$$;
