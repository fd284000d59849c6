-- Makes the practices whose lists are read: the same rows each time. Run once in each template; to
-- be called where no trigger fires.
create schema bench;

-- Keeps no index of the table from now on: all at once are built much faster, by REINDEX.
create function bench.put_off_indexes(of regclass) returns void language sql as $$
  update pg_index set indisready = false, indisvalid = false where indrelid = of;
$$;

-- A number from 0 to sides - 1 that depends only on n and on which of n's facts it decides.
create function bench.die(n bigint, fact integer, sides bigint) returns integer
  language sql immutable parallel safe
  return abs(hashint8extended(n, fact) % sides);

create function bench.one_of(words text[], n bigint, fact integer) returns text
  language sql immutable parallel safe
  return words[1 + bench.die(n, fact, cardinality(words))];

create table bench.links (category text, reason text);
insert into bench.links values
  ('Skin', 'Skin check'), ('Influenza', 'Influenza vaccine'), ('Cervix', 'Cervical screening test'),
  ('Diabetes', 'Diabetes cycle of care'), ('Asthma', 'Asthma plan review'),
  ('Pathology', 'Blood test'), ('Bowel', 'Bowel screening'), ('Bones', 'Bone density scan'),
  ('Mental health', 'Mental health plan review'), ('Over 75', 'Health assessment 75+'),
  ('Children', 'Childhood immunisation'), ('Results', 'Result to discuss');

-- Practices, a quarter of them on Best Practice, each with the same twelve categories.
create function bench.fill_practices(practices integer) returns void language sql as $$
  insert into practices (id, name, time_zone, phone_region, pms_product, phone, next_run_at)
    select n, 'Practice ' || n, 'Australia/Sydney', 'AU',
           (array['BEST_PRACTICE', 'MEDICAL_DIRECTOR', 'GENIE', 'ZEDMED'])[1 + n % 4],
           '02 5550 1234', now() + interval '30 days'
    from generate_series(1, practices) n;
  insert into categories (practice_id, name, sms_template, automated, steps)
    select p.id, l.category, 'Hi {firstName}, your {reason} is due.', true, array['SMS', 'LETTER']
    from practices p, bench.links l order by p.id, l.category;
  insert into category_links (practice_id, category_id, kind, value, position)
    select c.practice_id, c.id, 'REASON', l.reason, 1
    from categories c join bench.links l on l.category = c.name;
$$;

-- The practice of the patients whose number leaves this remainder.
create function bench.practice_of(remainder bigint) returns integer
  language sql immutable parallel safe
  return 1 + remainder;

-- Patients 1 to so many, in turn of the practices; one in twelve has the mobile of another one.
-- 93 % have a mobile, 4 % a landline in its place.
create function bench.fill_patients(practices integer, patients integer) returns void
  language sql as $$
  insert into patients (practice_id, id, pms_id, first_name, last_name, birth_date,
                        mobile, mobile_typed, mobile_refusal, sms_consent, status)
    select bench.practice_of(n % practices), n, 'P' || n,
           bench.one_of(array['Amelia', 'Charlie', 'Chloé', 'Dương', 'Grace', 'Isla', 'Jack', 'José',
                              'Mia', 'Noah', 'Oliver', 'Ruby', 'Siân', 'Søren', 'Zoë'], n, 1),
           bench.one_of(array['Anderson', 'Brown', 'Gonçalves', 'Jones', 'Kowalski', 'Lee', 'Müller',
                              'Nguyễn', 'O''Brien', 'Papadopoulos', 'Singh', 'Smith', 'Taylor',
                              'Walker', 'Wilson'], n, 2),
           date '1935-01-01' + bench.die(n, 3, 30000),
           case when typed < 93 then '+614' || digits end,
           case when typed < 93 then '04' || digits when typed < 97 then '02 5550 1234' end,
           case when typed between 93 and 96 then 'NOT_A_MOBILE' end,
           case when consent < 85 then true when consent < 90 then false end,
           case when status < 5 then 'DECEASED' when status < 25 then 'INACTIVE' else 'ACTIVE' end
    from generate_series(1, patients) n
    cross join lateral (
      select bench.die(n, 4, 100) as typed, bench.die(n, 5, 100) as consent,
             bench.die(n, 6, 1000) as status,
             lpad((case when n / practices % 12 = 1 then n - practices else n end::bigint
                   * 7919 % 100000000)::text, 8, '0') as digits
    ) drawn;
$$;

-- Recalls over four years, three quarters of them completed; 2 % have a reason that nothing links.
-- With each is stored what triggers would have stored; by joins of all, whatever the planner expects.
create function bench.fill_recalls(practices integer, patients integer, recalls integer)
  returns void language sql set enable_nestloop = off as $$
  insert into recalls (practice_id, id, pms_id, patient_id, reason, urgency, due_date, completed,
                       sms_reason, category_id)
    select drawn.*, sms.reason, linked.category_id
    from (
      select bench.practice_of(patient % practices) as practice_id, n, 'R' || n, patient,
             case when bench.die(n, 8, 100) < 2 then 'Other' else bench.one_of(reasons, n, 9) end
               as reason,
             case bench.die(n, 10, 10) when 0 then 'Urgent' when 1 then 'Routine' end as urgency,
             date '2023-01-01' + bench.die(n, 11, 1461),
             bench.die(n, 12, 100) < 75
      from (select array_agg(reason order by reason) as reasons from bench.links) links
      cross join generate_series(1, recalls) n
      cross join lateral (select 1 + bench.die(n, 7, patients) as patient) die
    ) drawn
    join logic.patient_sms sms
      on sms.practice_id = drawn.practice_id and sms.patient_id = drawn.patient
    cross join lateral logic.category_of(drawn.practice_id, drawn.reason, drawn.urgency) linked;
$$;

-- So many patients' numbers on the blocked communication list, four in five with the box ticked.
create function bench.fill_blocks(blocks integer) returns void
  language sql as $$
  insert into blocked_communications (practice_id, mobile, blocked_recalls)
    select practice_id, mobile, bench.die(min(id), 13, 5) < 4
    from patients where mobile is not null and bench.die(id, 14, 100) < 25
    group by practice_id, mobile order by min(id) limit blocks;
$$;

-- As many more numbers, which no patient has any longer.
create function bench.fill_more_blocks(practices integer, blocks integer) returns void
  language sql as $$
  insert into blocked_communications (practice_id, mobile, blocked_recalls)
    select 1 + n % practices, '+6421' || lpad(n::text, 7, '0'), bench.die(n, 13, 5) < 4
    from generate_series(1, blocks) n;
$$;
