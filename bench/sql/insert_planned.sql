-- What planning is compared with: the same rows into the same tables, in one transaction.
insert into runs select * from bench.runs;
insert into chunks select * from bench.chunks;
insert into contact_attempts select * from bench.contact_attempts;
insert into attempt_recalls select * from bench.attempt_recalls;
