"""A practice in the middle of sending, where interleavings begin, and the verdict on them.

All patients share one number. Zoe's message about two recalls is QUEUED, Yan's is claimed by a
worker that died, Xia's is UNKNOWN, and Wes's automated run isn't planned yet.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import pytest

from core.identity import Actor
from db.delivery import (
    Claim,
    Handled,
    Settlement,
    cancel_stopped,
    claim_messages,
    settle_messages,
    sweep_claim,
    what_waits,
)
from db.sending import Planned, RunAccepted, plan_next, start_automated_run
from db.types import Pool
from db.unknown_messages import UnknownMessages, claim_unknown
from tests.support.practice import MOBILE, Practice, a_practice
from tests.support.sending_verdict import ORDER, STANDS, WRONG
from tests.support.snapshot import as_it_is, nothing
from tests.support.unknown_messages import listed

LEASE = 3600.0
PATIENT_OF = {"r9": "zoe", "r8": "zoe", "r7": "yan", "r6": "xia", "r5": "wes"}
"""Each recall's patient, by the PMS's ids."""
ENDLESS = 100  # what isn't done by then never will be
LEASES_END = """
  update chunks set claim_deadline = '-infinity'  -- operations that wait for the end go on
  where (practice_id, run_id, position) in (
    select practice_id, run_id, position from chunks where state = 'CLAIMED'
    for update skip locked)
"""
NOW = """
  update chunks set not_before = now(), look_at = case when look_at is not null then now() end
    where state <> 'DONE';
  update runs set plan_after = now() where state = 'PLANNING'
"""
"""Makes everything that waits for a retry ready."""
Done = TypeVar("Done", Claim | None, Handled | None, Planned | None, UnknownMessages | None)


@dataclass
class Stage:
    """The practice, the gateway's messages, and what has happened since the beginning."""

    owner: Pool
    application: Pool
    practice: Practice
    beginning: str
    """The statements that restore the beginning."""
    recalls: dict[str, int]
    attempts: dict[str, int]
    references: dict[str, UUID]
    runs: dict[str, int]
    in_hand: Claim | None
    blocked: bool
    with_gateway: frozenset[str] = frozenset()
    """Patients whose messages the gateway has from the beginning, which isn't known yet."""
    taken: dict[int, str] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)
    """The gateway's ids that we were given."""
    history: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    leases_ended: int = 0

    async def begin_again(self) -> None:
        """Restore the beginning."""
        await self.owner.execute(self.beginning)
        self.taken = {self.attempts[name]: f"SM {name}" for name in self.with_gateway}
        self.told, self.history, self.problems, self.leases_ended = {}, [], [], 0
        if self.blocked:
            self.history = [("block begun", MOBILE), ("block answered", MOBILE)]

    async def time_passes(self) -> None:
        """End all claims' leases: their workers write nothing more to the gateway."""
        self.leases_ended += 1
        await self.owner.execute(LEASES_END)

    def note(self, what: str, of: str) -> None:
        """Record what happened to a number or a run, to judge it at the end."""
        self.history.append((what, of))

    # Workers

    async def claim(self, pool: Pool) -> Claim | None:
        """Return the next claim, or None if there is nothing to hand over."""
        claim = self.seen_to(await claim_messages(pool, LEASE, look_after=0))
        if claim is None or not claim.messages:
            return None
        self.note("claimed", str(claim.run_id))
        return claim

    def seen_to(self, done: Done) -> Done:
        """Record the problem if it raised: nothing here should, not even transiently."""
        if done is not None and done.problem is not None:
            self.problems.append(f"something raised {done.problem}")
        return done

    async def hand_over(self, claim: Claim) -> None:
        """Hand the claim's messages to the gateway, which takes them."""
        for message in claim.messages:
            self.note("handed over", message.mobile)
            if message.attempt_id in self.taken:
                self.problems.append("a message was handed over twice")
            self.taken[message.attempt_id] = f"SM {message.attempt_id}"

    async def settle(self, pool: Pool, claim: Claim, state: str) -> None:
        """Record the same outcome for each of the claim's messages."""
        settlements = [
            Settlement(
                message.attempt_id,
                state,
                gateway_id=self.taken[message.attempt_id] if state == "SENT" else None,
                failure="21211" if state == "FAILED" else None,
            )
            for message in claim.messages
        ]
        await settle_messages(pool, claim, settlements, retry_after=0, look_after=0)
        if state == "SENT":
            for message in claim.messages:
                self.told[message.attempt_id] = self.taken[message.attempt_id]

    # After the operations

    async def drain(self) -> None:
        """Work until nothing is left to do, with a gateway that takes every message."""
        for _ in range(ENDLESS):
            await self.time_passes()
            await self.owner.execute(NOW)
            while self.seen_to(await sweep_claim(self.application, grace=0, look_after=0)):
                continue
            await self.work_off()
            if await self.owner.fetchval(
                "select not exists (select from chunks where state <> 'DONE')"
                " and not exists (select from runs where state = 'PLANNING')"
            ):
                return
        self.problems.append("something is never done")

    async def work_off(self) -> None:
        """Do what workers do until nothing is left to do for the moment."""
        for _ in range(ENDLESS):
            waiting = await what_waits(self.application)
            if waiting.unsure:
                await self.look_up()
            elif waiting.stopped:
                self.seen_to(await cancel_stopped(self.application, look_after=0))
            elif waiting.ready:
                claim = await self.claim(self.application)
                if claim is not None:
                    await self.hand_over(claim)
                    await self.settle(self.application, claim, "SENT")
            elif waiting.planning:
                self.seen_to(await plan_next(self.application))
            else:
                return
        self.problems.append("something always waits")

    async def look_up(self) -> None:
        """Look up UNKNOWN messages in a list that shows all that the gateway took."""
        unknown = self.seen_to(await claim_unknown(self.application, hold=LEASE))
        if unknown is None:
            return
        for mobile in {message.mobile for message in unknown.messages}:
            settlements = [
                Settlement(message.attempt_id, "SENT", gateway_id=found)
                if (found := self.taken.get(message.attempt_id))
                else Settlement(message.attempt_id, "QUEUED")
                for message in unknown.messages
                if message.mobile == mobile
            ]
            await listed(self.application, unknown, mobile, settlements, look_again=LEASE)

    # The verdict

    async def wrong(self) -> list[str]:
        """Return everything that is wrong."""
        found = [row["what"] for row in await self.owner.fetch(WRONG)]
        rows = await self.owner.fetch(
            "select id, gateway_id from contact_attempts where id = any($1)", list(self.told)
        )
        known = {row["id"]: row["gateway_id"] for row in rows}
        if known != self.told:
            found.append("a message that the gateway accepted is forgotten")
        return sorted({*found, *self.problems, *self._too_late()})

    def _too_late(self) -> Iterable[str]:
        """Yield what came after a stop or a block was answered, unless an unblock came between."""
        for moment, (what, of) in enumerate(self.history):
            before = self.history[:moment]
            if what == "claimed" and ("stop answered", of) in before:
                yield "claimed after its run's stop was answered"
            if what != "handed over" or ("block answered", of) not in before:
                continue
            begun = before.index(("block begun", of))
            lifted_first = ("unblock answered", of) in before[:begun]
            if lifted_first or ("unblock begun", of) not in before:
                yield "handed over after its number's block was answered"

    async def goes_on_from(self) -> object:
        """Return what determines how it goes on; equal values need checking only once."""
        return await self.end_state(), await self.owner.fetchval(ORDER), sorted(self.taken)

    async def end_state(self) -> list[str]:
        """Return the state of everything, without ids and times."""
        return sorted(row[0] for row in await self.owner.fetch(STANDS) if row[0])


async def a_stage(owner: Pool, application: Pool, given: AbstractSet[str]) -> Stage:
    """Create the practice; ``given`` says what differs from this file's first lines."""
    await owner.execute(await nothing(owner))
    practice = await a_practice(owner, time_zone="Australia/Brisbane")
    # Recalls are in the opposite order to the PMS's ids and to their patients, so that an operation
    # that locks several in no fixed order meets one that goes the other way.
    for name in ("wes", "xia", "yan", "zoe"):
        await practice.patient(name, first_name=name)
    recalls = {
        pms_id: await practice.recall(name, pms_id=pms_id) for pms_id, name in PATIENT_OF.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("db.sending.CHUNK", 1)
        begin = _two_stopped_runs if "two stopped runs" in given else _in_the_middle
        runs, in_hand = await begin(practice, recalls)
    for fact in GIVEN.keys() & given:
        await owner.execute(GIVEN[fact])
    if "a live worker" not in given:
        await owner.execute(LEASES_END)
    if "stopped" in given:
        await practice.stop(runs["sent"])
    await owner.execute(NOW)
    rows = await owner.fetch(
        "select a.id, p.pms_id, a.reference from contact_attempts a"
        " join patients p on (p.practice_id, p.id) = (a.practice_id, a.patient_id)"
    )
    return Stage(
        owner,
        application,
        practice,
        await as_it_is(owner),
        recalls,
        {row["pms_id"]: row["id"] for row in rows},
        {row["pms_id"]: row["reference"] for row in rows},
        runs,
        in_hand,
        "blocked" in given,
    )


GIVEN = {
    "blocked": "insert into blocked_communications (practice_id, mobile, blocked_recalls)"
    " select distinct practice_id, mobile, true from patients",
    "asked about for a day": "update contact_attempts"
    " set handed_over_at = handed_over_at - interval '25 hours' where state = 'UNKNOWN'",
}
"""What can differ at the beginning, and how."""


async def _in_the_middle(
    practice: Practice, recalls: dict[str, int]
) -> tuple[dict[str, int], Claim | None]:
    sent = await practice.send(*(recalls[pms_id] for pms_id in ("r9", "r8", "r7", "r6")))
    xia, yan, zoe = [await claim_messages(practice.pool, LEASE) for _ in range(3)]
    assert zoe
    assert yan
    assert xia
    for claim, state in (zoe, "QUEUED"), (xia, "UNKNOWN"):
        settled = [Settlement(message.attempt_id, state) for message in claim.messages]
        await settle_messages(practice.pool, claim, settled, retry_after=0, look_after=0)
    automated = await start_automated_run(
        practice.pool, practice.id, None, idempotency_key="automated", actor=Actor("Reception")
    )
    assert isinstance(sent, RunAccepted)
    assert isinstance(automated, RunAccepted)
    return {"sent": sent.run_id, "automated": automated.run_id}, yan


async def _two_stopped_runs(
    practice: Practice, recalls: dict[str, int]
) -> tuple[dict[str, int], Claim | None]:
    runs = {}
    for name, pms_ids in ("sent", ("r9", "r7")), ("automated", ("r6", "r5")):
        outcome = await practice.send(*(recalls[pms_id] for pms_id in pms_ids))
        assert isinstance(outcome, RunAccepted)
        await practice.stop(outcome.run_id)
        runs[name] = outcome.run_id
    return runs, None
