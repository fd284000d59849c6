"""Forms that the gateway posts to us: read, and believed only where it signed them."""

import logging
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from workers.gateway.twilio_signature import valid_signature

logger = logging.getLogger(__name__)


async def signed_form(
    request: Request, tokens: Iterable[str], url: str | None
) -> dict[str, str] | None:
    """Give the form that was posted, or None where its signature isn't the gateway's.

    ``tokens`` are what the gateway may sign with, and ``url`` the public URL that it was given:
    Twilio signs that, whatever stands between it and us.
    """
    body = (await request.body()).decode(errors="replace")
    form = dict(parse_qsl(body, keep_blank_values=True))
    query = f"?{request.url.query}" if request.url.query else ""
    signature = request.headers.get("x-twilio-signature", "")
    if url and any(valid_signature(token, url + query, form, signature) for token in tokens):
        return form
    logger.warning(
        "a post to %s had a wrong signature; is its public URL in the settings?", request.url.path
    )
    return None
