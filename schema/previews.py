"""Previews of messages, before anything is sent."""

from enum import Enum
from typing import Annotated

import strawberry

from db import previews
from db.categories import InvalidTemplateError
from db.recalls import get_patients
from rowql import FromRow, column, embedded, lookup
from schema.context import Info, of_practice
from schema.errors import BadUserInputError
from schema.inputs import optional_text, read_ids
from schema.mutations.save_category import InvalidTemplate
from schema.types.recall import Patient
from schema.types.run import RefusalCount, refusal_counts
from schema.types.send_problems import UnknownRecalls, unknown_recalls

MAX_DRAFTS = 20
EXAMPLE_NAME, EXAMPLE_REASON, EXAMPLE_DAYS = "Alexandra", "skin check", 14


@strawberry.enum
class SmsEncoding(Enum):
    """How the networks encode a message, which decides how many characters fit a segment."""

    GSM7 = strawberry.enum_value(
        "GSM7", description="160 characters, or 153 in each of several segments."
    )
    UCS2 = strawberry.enum_value(
        "UCS2", description="70 characters, or 67 in each of several segments."
    )


def _encoding(beyond: str) -> SmsEncoding:
    return SmsEncoding.UCS2 if beyond else SmsEncoding.GSM7


def _each_once(beyond: str) -> str:
    return "".join(dict.fromkeys(beyond))


@strawberry.type
class SmsText(FromRow):
    """What a message says, and how many segments it takes."""

    body: str = column()
    segments: int = column(description="Number of SMS segments; the networks bill each one.")
    encoding: SmsEncoding = column("beyond_gsm7", _encoding)
    beyond_gsm7: str = column(
        convert=_each_once, description="The characters that require UCS-2; empty for GSM-7."
    )


@strawberry.type
class MessageDraft(FromRow):
    """A message as it would be sent now."""

    patient: Patient = lookup(of_practice(get_patients, of_people=True), key="patient_id", by="id")
    mobile: str = column(description="The number it goes to, in E.164 format.")
    recalls: int = column(description="How many recalls it covers.")
    text: SmsText = embedded("")


@strawberry.type
class SendPreview:
    """What sendRecalls would do with these recalls now, by the same rule."""

    messages: int = strawberry.field(description="All messages that may be sent if staff proceed.")
    segments: int
    to_confirm: list[RefusalCount] = strawberry.field(
        description="Recalls that staff are asked about first; ``messages`` includes theirs."
    )
    refusals: list[RefusalCount] = strawberry.field(
        description="Recalls that can't be sent by SMS."
    )
    skipped: int = strawberry.field(
        description="Recalls that are closed, or already have a message on its way."
    )
    drafts: list[MessageDraft] = strawberry.field(
        description="The first messages, as many as ``drafts`` asks for."
    )


SendPreviewResult = Annotated[SendPreview | UnknownRecalls, strawberry.union("SendPreviewResult")]
TemplatePreviewResult = Annotated[
    SmsText | InvalidTemplate, strawberry.union("TemplatePreviewResult")
]


async def send_preview(
    info: Info, recall_ids: list[strawberry.ID], drafts: int = 3
) -> SendPreviewResult:
    """What sendRecalls would do with 1 to 1000 recalls, with its first ``drafts`` (0 to 20)."""
    if not 0 <= drafts <= MAX_DRAFTS:
        raise BadUserInputError(f"drafts must be from 0 to {MAX_DRAFTS}.", "drafts")
    ids = read_ids(recall_ids, "Recall", "recallIds")
    async with info.context.previewing() as pool:
        found = await previews.preview_send(pool, info.context.practice_id, ids, first=drafts)
    if not isinstance(found, previews.SendPreview):
        return unknown_recalls(found.recall_ids)
    return SendPreview(
        messages=found.messages,
        segments=found.segments,
        to_confirm=refusal_counts(found.to_confirm),
        refusals=refusal_counts(found.refusals),
        skipped=found.skipped,
        drafts=[MessageDraft(row=row) for row in found.drafts],
    )


async def template_preview(
    info: Info, template: str, reason: str | None = None
) -> TemplatePreviewResult:
    """What a template would say to a made-up patient who is recalled for ``reason``."""
    try:
        async with info.context.previewing() as pool:
            row = await previews.preview_template(
                pool,
                info.context.practice_id,
                template,
                name=EXAMPLE_NAME,
                reason=optional_text(reason, "reason") or EXAMPLE_REASON,
                due_in_days=EXAMPLE_DAYS,
            )
    except InvalidTemplateError as error:
        return InvalidTemplate(message=str(error), unknown_placeholders=error.unknown)
    return SmsText(row=row)
