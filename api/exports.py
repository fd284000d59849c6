"""The audit trail as a CSV file, for admins."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from api.admission import Admission
from api.csv_lines import line
from api.problems import problem, rate_limited, unauthenticated
from api.viewers import Viewers, origin_of
from db.audit import AuditQuery, export_events
from db.notes import Notes
from db.rows import Pool, Row
from db.tokens import Role
from schema.errors import BadUserInputError
from schema.inputs import ID, moment, optional_text
from schema.types.audit import AuditAction, read_actor

COLUMNS = (
    *("at", "actor", "role", "origin", "action", "patient", "subject", "details"),
    *("actorKind", "actorId"),
)


class _Filter(pydantic.BaseModel):
    """The restrictions of ``auditEvents``, by the same names."""

    model_config = pydantic.ConfigDict(extra="forbid", hide_input_in_errors=True)

    patientId: str | None = pydantic.Field(None, pattern="^Patient:[1-9][0-9]{0,17}$")  # noqa: N815
    actor: str | None = pydantic.Field(None, max_length=500)
    actorId: str | None = None  # noqa: N815
    actions: list[AuditAction] | None = None
    since: pydantic.AwareDatetime | None = None
    until: pydantic.AwareDatetime | None = None

    def query(self) -> AuditQuery:
        """Give db's query; raises ``BadUserInputError``."""
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
    """Answers ``POST /exports/audit``: a filter in JSON, so that no name stands in a URL."""

    def __init__(self, pool: Pool, admission: Admission, viewers: Viewers, notes: Notes) -> None:
        self._pool = pool
        self._admission = admission
        self._viewers = viewers
        self._notes = notes

    async def __call__(self, request: Request) -> Response:
        """Stream the events, newest first; that they were taken away is written down first."""
        origin = origin_of(request.scope)
        viewer = await self._viewers.now(request.headers.get("authorization"), origin)
        if viewer is None:
            return unauthenticated()
        if wait := await self._admission.wait(viewer):
            return rate_limited(wait)
        actor = viewer.acting(origin)
        if viewer.role is not Role.ADMIN:
            self._notes.event(viewer.practice_id, actor, "FORBIDDEN", subject=request.url.path)
            return problem("This is for the practice's admins.", "FORBIDDEN", status=403)
        try:
            query = _Filter.model_validate_json(await request.body() or b"{}").query()
        except pydantic.ValidationError as error:
            return _bad(error)
        except BadUserInputError as error:
            return problem(error.message, "BAD_USER_INPUT", status=400)
        events = export_events(self._pool, viewer.practice_id, actor, query)
        first = await anext(events, None)  # so that what fails fails before the answer has begun
        name = f"audit-{datetime.now().astimezone():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(
            _lines(first, events), media_type="text/csv; charset=utf-8", headers=headers
        )


def _bad(error: pydantic.ValidationError) -> JSONResponse:
    found = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(map(str, found["loc"])) or "body"
    return problem(f"{field}: {found['msg']}.", "BAD_USER_INPUT", status=400)


async def _lines(first: Row | None, rest: AsyncIterator[Row]) -> AsyncIterator[str]:
    yield line(COLUMNS)
    if first is not None:
        yield line(_cells(first))
        async for row in rest:
            yield line(_cells(row))


def _cells(row: Row) -> list[Any]:
    patient = row["patient_id"]
    return [
        row["at"].isoformat(),
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
