"""Records of rare steps that a storm must lead to: a fault that hits nothing proves nothing.

PostgreSQL writes them in the transaction that takes the step, with the functions that took it.
"""

from dataclasses import dataclass

from db.types import Pool

SCRIPT = r"""
create schema torture;
create table torture.steps (
  kind text not null, practice_id integer, id bigint, before text, after text,
  functions text[] not null, application text not null, at timestamptz default clock_timestamp()
);
create function torture.note() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  stack text;
begin
  get diagnostics stack = pg_context;
  insert into torture.steps values (
    tg_table_name, (to_jsonb(new) ->> 'practice_id')::integer, (to_jsonb(new) ->> 'id')::bigint,
    to_jsonb(old) ->> 'state', to_jsonb(new) ->> 'state',
    array(select m[1] from regexp_matches(stack, 'function "?(?:logic\w*\.)?(\w+)', 'g') m),
    current_setting('application_name'));
  return null;
end $$;
create trigger note after update of state on contact_attempts for each row
  when (old.state <> new.state) execute function torture.note();
create trigger note after update of state on chunks for each row
  when (old.state = 'CLAIMED' and new.state = 'STOPPED') execute function torture.note();
create trigger note after update of done_at on opt_outs for each row
  when (old.done_at is null and new.done_at is not null) execute function torture.note();
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A step from one state to another, taken ``by`` a function of ours or by none (a receipt)."""

    kind: str = "contact_attempts"
    before: str | None = None
    after: str | None = None
    by: str | None = None
    application: str | None = None


STEPS = {
    "a claim that lapsed was given up": Step(before="SENDING", after="UNKNOWN", by="sweep_claim"),
    "an answer counted though its claim had lapsed": Step(
        before="UNKNOWN", after="SENT", by="settle_messages"
    ),
    "the gateway took none, and it went again": Step(
        before="SENDING", after="QUEUED", by="settle_messages"
    ),
    "a look-up found the message": Step(before="UNKNOWN", after="DELIVERED", by="settle_unknown"),
    "a look-up showed that it was never taken": Step(
        before="UNKNOWN", after="QUEUED", by="settle_unknown"
    ),
    "a receipt came before the answer": Step(before="SENDING", after="DELIVERED", by="receipt"),
    "a receipt settled what was UNKNOWN": Step(before="UNKNOWN", after="DELIVERED", by="receipt"),
    "the claim refused what had been planned": Step(
        before="QUEUED", after="REFUSED", by="judge_messages"
    ),
    "the claim found it no longer wanted": Step(
        before="QUEUED", after="CANCELLED", by="judge_messages"
    ),
    "a stopped run's messages were cancelled": Step(
        before="QUEUED", after="CANCELLED", by="cancel_stopped"
    ),
    "a run was stopped with messages in hand": Step("chunks", "CLAIMED", "STOPPED"),
    "a worker finished a STOP": Step("opt_outs", application="recalls worker"),
    "the API finished a STOP": Step("opt_outs", application="recalls api gateway"),
}
NOTED_ELSEWHERE = (
    "a block waited for a frozen worker",
    "a scheduled run was begun",
    "a migration gave way",
)
"""Steps counted where they are seen."""
FROM_MESSAGES = 50_000
"""The length from which a run must have seen everything."""


async def note_sightings(pool: Pool) -> None:
    """Have the steps recorded from now on."""
    await pool.execute(SCRIPT)


async def sightings(pool: Pool) -> dict[str, int]:
    """Return how often each step was taken."""
    seen = {}
    for name, step in STEPS.items():
        seen[name] = await pool.fetchval(
            """
            select count(*) from torture.steps
            where kind = $1 and ($2::text is null or before = $2)
              and ($3::text is null or after = $3)
              and ($4::text is null or $4 = any (functions)
                   -- A receipt's statement is in no function: only the recording one is there.
                   or ($4 = 'receipt' and cardinality(functions) <= 1))
              and ($5::text is null or application = $5)
            """,
            step.kind,
            step.before,
            step.after,
            step.by,
            step.application,
        )
    seen["a scheduled run was begun"] = await pool.fetchval(
        "select count(*) from runs where scheduled_for is not null"
    )
    return seen
