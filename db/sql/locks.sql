-- Every advisory lock, each held until its transaction ends, and the order in which they are taken.
-- A transaction takes a practice's locks in this order, and 4 and 2 before it locks a row:
--
--   4  denormalised columns: changes to what they depend on, one after the other
--   2  steps: planning, and recording contacts, one after the other
--      the rows of chunks: a claim has its chunk before it asks for
--   1  claims (shared) against a block or a stop (exclusive)
--
-- No transaction takes any of them together with 3, a number's look-ups across practices. Besides,
-- `python -m db migrate` holds (0, 0) in its session: one migration at a time.

-- Changes to what the denormalised columns depend on: of two at the same moment, neither would see
-- the other's part. Closing recalls takes it too, because each of these changes many recalls, in an
-- order of its own. It is taken in a statement of its own: the next statement then sees what was
-- committed before it. Claims and planning never take it.
create function logic.lock_denormalised(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(4, practice) $$;

-- Everything that takes steps of a practice's recalls, so that no two plan the same step.
create function logic.lock_steps(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(2, practice) $$;
-- For callers with other practices to serve. It also fails while somebody waits for it: people
-- first.
create function logic.try_lock_steps(practice integer) returns boolean
  language sql as $$ select pg_try_advisory_xact_lock(2, practice) $$;

-- A practice's blocks and claims exclude each other, so that a claim either comes before a block and
-- is waited for, or comes after it and sees it. A stop of a run is like a block.
create function logic.lock_claims_against_block(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock_shared(1, practice) $$;
create function logic.lock_block_against_claims(practice integer) returns void
  language sql as $$ select pg_advisory_xact_lock(1, practice) $$;

-- Look-ups of messages to one number, of whichever practices: no two may give one gateway id to two
-- messages.
create function logic.lock_number(number text) returns void
  language sql as $$ select pg_advisory_xact_lock(3, hashtext(number)) $$;
