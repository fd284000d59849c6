"""Patients' replies: a STOP blocks the number before the gateway gets its answer."""

import logging
import re
import time

from starlette.requests import Request
from starlette.responses import Response

from api.signed import signed_form
from core.logging import without_values
from db.opt_outs import carry_out, keep_opt_out, stops_of_the_last_hour
from db.types import Pool
from workers.settings import GatewaySettings

logger = logging.getLogger(__name__)

STOP = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"}
)
"""Words that Twilio takes as an opt-out, in any case (its article on opt-out keywords)."""
E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
MAX_ID_CHARACTERS = 64
MANY, HOUR = 200, 3600.0
"""Patients who opt out within an hour; if there are more, that is logged once an hour."""
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class TwilioReplies:
    """Messages that patients write back; only those that Twilio signed are accepted."""

    def __init__(self, pool: Pool, settings: GatewaySettings) -> None:
        self._pool = pool
        self._tokens = settings.signing_tokens
        self._url = settings.replies_url
        self._quiet_until = 0.0

    async def __call__(self, request: Request) -> Response:
        """Store a STOP and block its number for every practice that has it, then answer.

        403 if the signature isn't the gateway's; 500 if the STOP can't be stored, for the gateway's
        log and its fallback URL. Only the practice can opt a patient back in; a reply can't. A
        message that is posted again, by the gateway or by somebody who got hold of it, counts as
        the one stored: it doesn't block a number that staff have unblocked since.
        """
        form = await signed_form(request, self._tokens, self._url)
        if form is None:
            return Response(status_code=403)
        mobile = form.get("From", "")
        if is_stop(form.get("Body", "")) and E164.fullmatch(mobile):
            message = form.get("MessageSid", "")
            opt_out = await keep_opt_out(
                self._pool,
                mobile,
                source="PATIENT_REPLY",
                message_id=message if 0 < len(message) <= MAX_ID_CHARACTERS else None,
            )
            try:
                await carry_out(self._pool, opt_out)
            except Exception as error:
                logger.error("a STOP is left for the sweeper to finish: %s", without_values(error))
            await self._log_if_many()
        return Response(NOTHING_TO_SAY, media_type="text/xml")

    async def _log_if_many(self) -> None:
        """Log an unusual number of STOPs, which may be forged; all are honoured."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            stops = await stops_of_the_last_hour(self._pool)
        except Exception as error:
            logger.error("the STOPs can't be counted: %s", without_values(error))
            return
        if stops > MANY:
            self._quiet_until = time.monotonic() + HOUR
            logger.error("%d patients sent STOP within an hour; are the senders genuine?", stops)


def is_stop(body: str) -> bool:
    """Return whether a reply is an opt-out: one of the words alone, whatever surrounds it."""
    words = re.sub(r"[\W_]+", " ", body).strip().upper()
    return words in STOP
