-- What a person's STOP said, or the gateway of theirs, kept before anything is done about it. The
-- sender is one for all practices, and so is a no to it: no practice owns the row, and the
-- application reaches it by functions alone.

create table opt_outs (
  id          bigint generated always as identity primary key,
  -- E.164. Not in collation "C": looked for so, the messages' index of numbers would be of no use.
  mobile      text not null check (mobile ~ '^\+[1-9][0-9]{6,14}$'),
  source      text not null check (source in ('PATIENT_REPLY', 'GATEWAY')),
  received_at timestamptz not null default clock_timestamp(),
  blocked_in  integer[] not null default '{}',                  -- practices that have blocked it since
  done_at     timestamptz                                       -- every practice that has the number did
);
create unique index opt_outs_pending on opt_outs (mobile) where done_at is null;
alter table opt_outs enable row level security;
