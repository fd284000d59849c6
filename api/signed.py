"""Forms that the gateway posts, accepted only with its signature."""

import logging
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.http_guard import limited
from workers.gateway.twilio_signature import valid_signature

logger = logging.getLogger(__name__)

MAX_BYTES, MAX_FIELDS = 16_000, 60
"""Bytes and fields of a form: a reply has at most 1,600 letters, which can take 14,400 bytes."""
SIGNATURE = re.compile(r"[A-Za-z0-9+/]{27}=", re.ASCII)


async def signed_form(
    request: Request, tokens: Iterable[str], url: str | None
) -> dict[str, str] | None:
    """Return the posted form, or None if its signature isn't the gateway's.

    ``tokens`` are those that the gateway may sign with, and ``url`` is the public URL that it was
    given: Twilio signs that, whatever is between it and us. No address is refused for what it has
    sent before, because behind a proxy that isn't trusted it may be the gateway's too. Checking a
    signature costs a tenth of a millisecond, and one and a half at worst.
    """
    signature = request.headers.get("x-twilio-signature", "")
    if url and SIGNATURE.fullmatch(signature):
        receive = limited(request.scope, request.receive, MAX_BYTES)
        form = _form(await Request(request.scope, receive).body())
        whole = url + (f"?{request.url.query}" if request.url.query else "")
        if form is not None and any(
            valid_signature(token, whole, form, signature) for token in tokens
        ):
            return form
    logger.warning(
        "a post to %s had a wrong signature; is its public URL in the settings?", request.url.path
    )
    return None


def _form(body: bytes) -> dict[str, str] | None:
    try:
        text = body.decode(errors="replace")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:  # too many fields
        return None
