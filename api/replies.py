"""Replies of patients: who writes STOP is blocked before the gateway gets its answer."""

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
"""Words that Twilio takes for a no, letter case aside (its article on opt-out keywords)."""
E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
LONGEST_ID = 64
MANY, HOUR = 200, 3600.0
"""Patients who say no within an hour: that there were more is logged, once an hour."""
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class TwilioReplies:
    """Takes the messages that patients write back, and only those that Twilio signed."""

    def __init__(self, pool: Pool, settings: GatewaySettings) -> None:
        self._pool = pool
        self._tokens = settings.signing_tokens
        self._url = settings.replies_url
        self._told_until = 0.0

    async def __call__(self, request: Request) -> Response:
        """Keep a STOP and block its number for every practice that has it, then answer.

        403 where the signature isn't the gateway's; 500 where the STOP can't be kept, for the
        gateway's log and its fallback URL. Opting back in is the practice's to do, not a reply's. A
        message that is posted again, by the gateway or by who has got hold of it, is the one that
        was kept: it blocks no number that staff have unticked since.
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
                message_id=message if 0 < len(message) <= LONGEST_ID else None,
            )
            try:
                await carry_out(self._pool, opt_out)
            except Exception as error:
                logger.error("the sweeper has to finish a STOP: %s", without_values(error))
            await self._tell_if_many()
        return Response(NOTHING_TO_SAY, media_type="text/xml")

    async def _tell_if_many(self) -> None:
        """Log it where so many say no that somebody may say it for them; all are heard."""
        if time.monotonic() < self._told_until:
            return
        try:
            stops = await stops_of_the_last_hour(self._pool)
        except Exception as error:
            logger.error("the STOPs can't be counted: %s", without_values(error))
            return
        if stops > MANY:
            self._told_until = time.monotonic() + HOUR
            logger.error("%d patients have said STOP within an hour; is it they who write?", stops)


def is_stop(body: str) -> bool:
    """Tell whether a reply says no: one of the words by itself, whatever is put around it."""
    words = re.sub(r"[\W_]+", " ", body).strip().upper()
    return words in STOP
