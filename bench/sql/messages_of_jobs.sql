-- What a job for each message reads and writes: a lean table of its own, filled with planned messages.
create table bench.messages (
  id          bigint primary key,
  practice_id integer not null,
  mobile      text not null,
  body        text not null,
  reference   uuid not null,
  state       text not null,
  gateway_id  text,
  sent_at     timestamptz
) with (fillfactor = 70);
insert into bench.messages
  select id, practice_id, mobile, body, reference, state from contact_attempts order by id;
