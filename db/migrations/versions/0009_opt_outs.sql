-- Opt-outs, by a person's STOP or the gateway's report of one, stored before anything is done about
-- them. All practices share one sender, so an opt-out applies to all: no practice owns the row, and
-- the application reaches it only through functions.

create table opt_outs (
  id          bigint generated always as identity primary key,
  -- E.164. Not in collation "C", because look-ups could then not use the messages' index of numbers.
  mobile      text not null check (mobile ~ '^\+[1-9][0-9]{6,14}$'),
  source      text not null check (source in ('PATIENT_REPLY', 'GATEWAY')),
  received_at timestamptz not null default clock_timestamp(),
  blocked_in  integer[] not null default '{}',                  -- practices that have blocked it
  done_at     timestamptz                                       -- when all practices with the number had
);
create unique index opt_outs_pending on opt_outs (mobile) where done_at is null;
alter table opt_outs enable row level security;
