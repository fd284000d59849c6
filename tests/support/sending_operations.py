"""Operations on a practice in the middle of sending, each of whose steps waits for its turn."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from core.identity import Actor
from db.attempts import record_receipt
from db.blocklist import block_mobile, set_blocked_recalls
from db.contacts import record_contacts
from db.delivery import Settlement, cancel_stopped, sweep_claim
from db.recalls import mark_no_further_action
from db.runs import stop_run
from db.sending import plan_next, send_recalls
from db.sync import PatientRow, RecallRow, upsert_patients, upsert_recalls
from db.unknown_messages import claim_unknown
from tests.support.interleavings import Stepwise
from tests.support.practice import MOBILE
from tests.support.sending_stage import PATIENT_OF, Stage
from tests.support.unknown_messages import listed

STAFF = Actor("Reception")
OTHER_MOBILE = "+61491570156"
Doing: TypeAlias = Callable[[Stage, Stepwise], Awaitable[object]]


async def deliver(stage: Stage, steps: Stepwise, *, answer: str) -> None:
    """Act as a worker: claim, hand over at the last moment, settle."""
    leases_ended = stage.leases_ended
    claim = await stage.claim(steps.pool)
    if claim is None:
        return
    await steps.step("hand over")
    if stage.leases_ended > leases_ended:
        answer = "QUEUED"  # past its deadline nothing is written to the gateway
    elif answer == "SENT":
        await stage.hand_over(claim)
    await stage.settle(steps.pool, claim, answer)


async def settle(stage: Stage, steps: Stepwise, *, answer: str) -> None:
    assert stage.in_hand
    await stage.settle(steps.pool, stage.in_hand, answer)


async def sweep(stage: Stage, steps: Stepwise) -> None:
    await steps.step("the leases end")
    await stage.time_passes()
    stage.seen_to(await sweep_claim(steps.pool, grace=0, look_after=0))


async def block(stage: Stage, steps: Stepwise) -> None:
    steps.begins = partial(stage.note, "block begun", MOBILE)
    await block_mobile(steps.pool, stage.practice.id, MOBILE, blocked=True, note=None, actor=STAFF)
    stage.note("block answered", MOBILE)


async def unblock(stage: Stage, steps: Stepwise) -> None:
    steps.begins = partial(stage.note, "unblock begun", MOBILE)
    await set_blocked_recalls(steps.pool, stage.practice.id, MOBILE, blocked=False, actor=STAFF)
    stage.note("unblock answered", MOBILE)


async def stop(stage: Stage, steps: Stepwise, *, run: str) -> None:
    await stop_run(steps.pool, stage.practice.id, stage.runs[run], actor=STAFF)
    stage.note("stop answered", str(stage.runs[run]))


async def receipt(stage: Stage, steps: Stepwise, *, name: str) -> None:
    attempt = stage.attempts[name]
    await record_receipt(
        steps.pool,
        stage.practice.id,
        stage.references[name],
        state="DELIVERED",
        gateway_id=stage.taken[attempt],
        failure=None,
    )
    stage.told[attempt] = stage.taken[attempt]


async def look_up(stage: Stage, steps: Stepwise, *, shows: str | None) -> None:
    """Claim UNKNOWN messages, and settle Xia's by what the gateway's list shows."""
    unknown = stage.seen_to(await claim_unknown(steps.pool, hold=0))
    if unknown is None or not unknown.messages:
        return
    settlements = []
    if shows is not None:
        settlements = [
            Settlement(
                message.attempt_id,
                shows,
                gateway_id=stage.taken[message.attempt_id] if shows == "SENT" else None,
            )
            for message in unknown.messages
            if message.attempt_id == stage.attempts["xia"]
        ]
    await listed(steps.pool, unknown, MOBILE, settlements, look_again=0)


async def change_number(stage: Stage, steps: Stepwise) -> None:
    rows = [PatientRow(name, name, "Smith", mobile=OTHER_MOBILE) for name in {*PATIENT_OF.values()}]
    await upsert_patients(steps.pool, stage.practice.id, rows)


async def complete(stage: Stage, steps: Stepwise, *, pms_ids: Sequence[str]) -> None:
    """Sync all recalls, those in ``pms_ids`` as completed."""
    rows = [
        RecallRow(
            pms_id,
            name,
            "Skin check",
            stage.practice.today,
            urgency="Routine",
            completed=pms_id in pms_ids,
        )
        for pms_id, name in PATIENT_OF.items()
    ]
    await upsert_recalls(steps.pool, stage.practice.id, rows)


async def close(stage: Stage, steps: Stepwise) -> None:
    ids = [stage.recalls[pms_id] for pms_id in ("r9", "r8", "r7")]
    await mark_no_further_action(steps.pool, stage.practice.id, ids, actor=STAFF)


async def call(stage: Stage, steps: Stepwise, *, about: str) -> None:
    await record_contacts(
        steps.pool, stage.practice.id, [stage.recalls[about]], kind="PHONE", note=None, actor=STAFF
    )


async def cancel(stage: Stage, steps: Stepwise) -> None:
    stage.seen_to(await cancel_stopped(steps.pool, look_after=0))


async def plan_automated(stage: Stage, steps: Stepwise) -> None:
    stage.seen_to(await plan_next(steps.pool))


async def send(stage: Stage, steps: Stepwise) -> None:
    """Send by hand a recall that the automated run is about to send and one in progress."""
    await send_recalls(
        steps.pool,
        stage.practice.id,
        [stage.recalls["r5"], stage.recalls["r9"]],
        proceed_without_consent=False,
        idempotency_key="by hand",
        actor=STAFF,
    )


@dataclass(frozen=True)
class Operation:
    """An action; whose messages it concerns; whose the gateway has by then; what else is given."""

    do: Doing
    to: frozenset[str]
    with_gateway: str = ""
    given: str = ""


ZOE, YAN, XIA, WES = (frozenset({name}) for name in ("zoe", "yan", "xia", "wes"))
ALIVE = "a live worker"
ALL = ZOE | YAN | XIA | WES
OPERATIONS = {
    "deliver": Operation(partial(deliver, answer="SENT"), ZOE),
    "deliver, not taken": Operation(partial(deliver, answer="QUEUED"), ZOE),
    "settle sent": Operation(partial(settle, answer="SENT"), YAN, with_gateway="yan", given=ALIVE),
    "settle failed": Operation(partial(settle, answer="FAILED"), YAN, given=ALIVE),
    "settle not taken": Operation(partial(settle, answer="QUEUED"), YAN, given=ALIVE),
    "settle unknown": Operation(
        partial(settle, answer="UNKNOWN"), YAN, with_gateway="yan", given=ALIVE
    ),
    "sweep": Operation(sweep, YAN),
    "receipt": Operation(partial(receipt, name="yan"), YAN, with_gateway="yan", given=ALIVE),
    "receipt of unknown": Operation(partial(receipt, name="xia"), XIA, with_gateway="xia"),
    "look up, not taken": Operation(partial(look_up, shows="QUEUED"), XIA),
    "look up, taken": Operation(partial(look_up, shows="SENT"), XIA, with_gateway="xia"),
    "look up in vain": Operation(partial(look_up, shows=None), XIA),
    "plan": Operation(plan_automated, WES),
    "send": Operation(send, ZOE | WES),
    "call": Operation(partial(call, about="r5"), WES),
    "call about one of two": Operation(partial(call, about="r9"), ZOE),
    "cancel": Operation(cancel, ZOE | YAN, given="stopped"),
    "stop": Operation(partial(stop, run="sent"), ZOE | YAN | XIA),
    "stop planning": Operation(partial(stop, run="automated"), WES),
    "block": Operation(block, ALL),
    "unblock": Operation(unblock, ALL, given="blocked"),
    "change number": Operation(change_number, ALL),
    "complete": Operation(partial(complete, pms_ids=["r9", "r8"]), ZOE),
    "complete one of two": Operation(partial(complete, pms_ids=["r9"]), ZOE),
    "close": Operation(close, ZOE | YAN),
}
