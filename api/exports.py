"""The audit trail as a CSV file, for admins, with times on the practice's clock."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.admission import Admission
from api.csv_lines import line
from api.problems import problem, rate_limited, unauthenticated
from api.viewers import Viewers, origin_of
from core.cost import BusyError
from core.identity import Role, Viewer
from core.slots import Slots
from db.audit import AuditQuery, export_events
from db.audit_buffer import AuditBuffer
from db.practices import get_practice
from db.tenancy import in_practice
from db.types import Pool, Row
from schema.errors import BadUserInputError
from schema.inputs import ID, moment, optional_text
from schema.roles import ADMINS_ONLY
from schema.types.audit import AuditAction, read_actor

COLUMNS = (
    *("at", "actor", "role", "origin", "action", "patient", "subject", "details"),
    *("actorKind", "actorId"),
)


LINES_A_TURN = 25
"""Lines written before other work gets a turn: two milliseconds."""


class _Filter(pydantic.BaseModel):
    """The filter of ``auditEvents``, with the same names."""

    model_config = pydantic.ConfigDict(extra="forbid", hide_input_in_errors=True)

    patientId: str | None = pydantic.Field(None, pattern="^Patient:[1-9][0-9]{0,17}$")  # noqa: N815
    actor: str | None = pydantic.Field(None, max_length=500)
    actorId: str | None = None  # noqa: N815
    actions: list[AuditAction] | None = None
    since: pydantic.AwareDatetime | None = None
    until: pydantic.AwareDatetime | None = None

    def query(self) -> AuditQuery:
        """Return the query for ``db``. Raises ``BadUserInputError``."""
        patient = ID.fullmatch(self.patientId or "")
        return AuditQuery(
            patient_id=int(patient[2]) if patient else None,
            actor=optional_text(self.actor, "actor"),
            actor_id=read_actor(self.actorId, "actorId"),
            actions=None if self.actions is None else [action.value for action in self.actions],
            since=None if self.since is None else moment(self.since, "since"),
            until=None if self.until is None else moment(self.until, "until"),
        )


class AuditExport:
    """Endpoint ``POST /exports/audit``; its filter is a JSON body, to keep names out of URLs."""

    def __init__(
        self, pool: Pool, admission: Admission, viewers: Viewers, audit_buffer: AuditBuffer
    ) -> None:
        self._pool = pool
        self._admission = admission
        self._viewers = viewers
        self._audit_buffer = audit_buffer
        self._slots = Slots(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream the events, newest first; the export itself is audited first.

        A practice has one in progress at a time, at the pace of its viewer's share.
        """
        request = Request(scope, receive)
        viewer = await self._viewers.authenticate(
            request.headers.get("authorization"), origin_of(scope)
        )
        if viewer is None:
            await unauthenticated()(scope, receive, send)
        elif wait := await self._admission.try_acquire(viewer):
            await rate_limited(wait)(scope, receive, send)
        else:
            await self._admission.run(viewer, self._export(viewer, request, send))

    async def _export(self, viewer: Viewer, request: Request, send: Send) -> None:
        async with AsyncExitStack() as held:
            try:
                await held.enter_async_context(self._slots.of(str(viewer.practice_id)))
                answer = await self._answer(viewer, request)
            except BusyError:  # Starlette would answer that it is a bug of ours
                answer = rate_limited(1)
            await answer(request.scope, request.receive, send)

    async def _answer(self, viewer: Viewer, request: Request) -> Response:
        actor = viewer.acting(origin_of(request.scope))
        if viewer.role is not Role.ADMIN:
            self._audit_buffer.event(
                viewer.practice_id, actor, "FORBIDDEN", subject=request.url.path
            )
            return problem(ADMINS_ONLY, "FORBIDDEN", status=403)
        try:
            query = _Filter.model_validate_json(await request.body() or b"{}").query()
        except pydantic.ValidationError as error:
            return _bad(error)
        except BadUserInputError as error:
            return problem(error.message, "BAD_USER_INPUT", status=400)
        async with in_practice(self._pool, viewer.practice_id) as connection:
            practice = await get_practice(connection, viewer.practice_id, ["time_zone"])
        zone = ZoneInfo(practice["time_zone"])
        events = export_events(self._pool, viewer.practice_id, actor, query)
        first = await anext(events, None)  # so that errors come before the answer has begun
        name = f"audit-{datetime.now(zone):%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        pay = partial(self._admission.pay, viewer)
        return StreamingResponse(
            _lines(first, events, zone, pay), media_type="text/csv; charset=utf-8", headers=headers
        )


def _bad(error: pydantic.ValidationError) -> JSONResponse:
    found = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(map(str, found["loc"])) or "body"
    return problem(f"{field}: {found['msg']}.", "BAD_USER_INPUT", status=400)


async def _lines(
    first: Row | None, rest: AsyncIterator[Row], zone: ZoneInfo, pay: Callable[[], Awaitable[None]]
) -> AsyncIterator[str]:
    lines = [line(COLUMNS)]
    if first is not None:
        lines.append(line(_cells(first, zone)))
        async for row in rest:
            lines.append(line(_cells(row, zone)))
            if len(lines) >= LINES_A_TURN:
                yield "".join(lines)
                lines.clear()
                await pay()
    yield "".join(lines)


def _cells(row: Row, zone: ZoneInfo) -> list[Any]:
    patient = row["patient_id"]
    return [
        row["at"].astimezone(zone).isoformat(" ", "seconds"),
        row["actor"],
        row["role"],
        row["origin"],
        row["action"],
        None if patient is None else f"Patient:{patient}",
        row["subject"],
        row["details"],
        row["actor_kind"],
        row["actor_id"],
    ]
