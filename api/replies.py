"""Replies of patients: who writes STOP is blocked before the gateway gets its answer."""

import logging
import re

from starlette.requests import Request
from starlette.responses import Response

from api.signed import signed_form
from db.audit import Actor
from db.blocklist import block_mobile, practices_of_mobile
from db.rows import Pool
from workers.settings import GatewaySettings

logger = logging.getLogger(__name__)

STOP = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"}
)
"""Words that Twilio takes for a no, letter case aside (its article on opt-out keywords)."""
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class TwilioReplies:
    """Takes the messages that patients write back, and only those that Twilio signed."""

    def __init__(self, pool: Pool, settings: GatewaySettings) -> None:
        self._pool = pool
        self._token = settings.gateway_token.get_secret_value()
        self._url = settings.replies_url

    async def __call__(self, request: Request) -> Response:
        """Block the number of a STOP for every practice it is known to, then answer.

        403 where the signature isn't the gateway's. Once this answers, no worker hands another
        message to the number over. Opting back in is the practice's to do, not a reply's.
        """
        form = await signed_form(request, self._token, self._url)
        if form is None:
            return Response(status_code=403)
        if is_stop(form.get("Body", "")):
            mobile = form.get("From", "")
            # The sender is one for all practices, so a no to it is one to all of them.
            practices = await practices_of_mobile(self._pool, mobile)
            for practice_id in practices:
                await block_mobile(
                    self._pool,
                    practice_id,
                    mobile,
                    blocked=True,
                    note=None,
                    actor=Actor("Patient"),
                    source="PATIENT_REPLY",
                )
            if not practices:
                logger.warning("a STOP came from a number that no practice knows")
        return Response(NOTHING_TO_SAY, media_type="text/xml")


def is_stop(body: str) -> bool:
    """Tell whether a reply says no: one of the words by itself, whatever is put around it."""
    words = re.sub(r"[\W_]+", " ", body).strip().upper()
    return words in STOP
