"""Replies of patients: who writes STOP is blocked before the gateway gets its answer."""

import logging
import re

from starlette.requests import Request
from starlette.responses import Response

from api.signed import signed_form
from db.errors import without_values
from db.opt_outs import carry_out, keep_opt_out
from db.rows import Pool
from workers.settings import GatewaySettings

logger = logging.getLogger(__name__)

STOP = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"}
)
"""Words that Twilio takes for a no, letter case aside (its article on opt-out keywords)."""
E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class TwilioReplies:
    """Takes the messages that patients write back, and only those that Twilio signed."""

    def __init__(self, pool: Pool, settings: GatewaySettings) -> None:
        self._pool = pool
        self._tokens = settings.signing_tokens
        self._url = settings.replies_url

    async def __call__(self, request: Request) -> Response:
        """Keep a STOP and block its number for every practice that has it, then answer.

        403 where the signature isn't the gateway's; 500 where the STOP can't be kept, for the
        gateway's log and its fallback URL. Opting back in is the practice's to do, not a reply's.
        """
        form = await signed_form(request, self._tokens, self._url)
        if form is None:
            return Response(status_code=403)
        mobile = form.get("From", "")
        if is_stop(form.get("Body", "")) and E164.fullmatch(mobile):
            opt_out = await keep_opt_out(self._pool, mobile, source="PATIENT_REPLY")
            try:
                await carry_out(self._pool, opt_out)
            except Exception as error:
                logger.error("the sweeper has to finish a STOP: %s", without_values(error))
        return Response(NOTHING_TO_SAY, media_type="text/xml")


def is_stop(body: str) -> bool:
    """Tell whether a reply says no: one of the words by itself, whatever is put around it."""
    words = re.sub(r"[\W_]+", " ", body).strip().upper()
    return words in STOP
