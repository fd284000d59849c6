-- The gateway's ids of the messages that said no, for as long as the opt-outs themselves: what was
-- posted once, and signed, can be posted again, after staff have unticked the number too.

create table stops_heard (
  message_id  text primary key check (length(message_id) between 1 and 64),
  opt_out_id  bigint                                            -- null only while it is being kept
);
alter table stops_heard enable row level security;

create index opt_outs_received on opt_outs (received_at);       -- how many said no lately
