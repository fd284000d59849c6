"""Forms that the gateway posts to us: read, and believed only where it signed them."""

import logging
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.http_guard import limit
from workers.gateway.twilio_signature import valid_signature

logger = logging.getLogger(__name__)

LARGEST, FIELDS = 16_000, 60
"""Bytes and fields of a form: 1,600 letters, the most a reply has, can be 14,400 bytes of it."""
SIGNATURE = re.compile(r"[A-Za-z0-9+/]{27}=", re.ASCII)


async def signed_form(
    request: Request, tokens: Iterable[str], url: str | None
) -> dict[str, str] | None:
    """Give the form that was posted, or None where its signature isn't the gateway's.

    ``tokens`` are what the gateway may sign with, and ``url`` the public URL that it was given:
    Twilio signs that, whatever stands between it and us. Nobody is refused for what their address
    has sent before, for behind a proxy that isn't named it may be the gateway's: to look at a
    signature costs a tenth of a millisecond, and one and a half at the worst.
    """
    signature = request.headers.get("x-twilio-signature", "")
    if url and SIGNATURE.fullmatch(signature):
        limit(request.scope, LARGEST)
        form = _form(await request.body())
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
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:  # more fields than that
        return None
