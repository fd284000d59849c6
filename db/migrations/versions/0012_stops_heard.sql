-- The gateway's ids of STOP messages, kept as long as the opt-outs themselves, because what was
-- once posted and signed can be posted again, even after staff have unticked the number.

create table stops_heard (
  message_id  text primary key check (length(message_id) between 1 and 64),
  opt_out_id  bigint                                            -- null only while it is being stored
);
alter table stops_heard enable row level security;

create index opt_outs_received on opt_outs (received_at);       -- to count recent opt-outs
