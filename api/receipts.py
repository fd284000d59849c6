"""Delivery receipts: the gateway's word on what became of a message."""

import logging
import re
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.signed import signed_form
from db.attempts import record_receipt
from db.types import Pool
from workers.gateway.twilio_errors import says_opted_out
from workers.gateway.twilio_states import STATES
from workers.settings import GatewaySettings

logger = logging.getLogger(__name__)

REFERENCE = re.compile(r"(\d{1,9})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)


class TwilioReceipts:
    """Twilio's status callbacks; only those that Twilio signed are accepted."""

    def __init__(self, pool: Pool, settings: GatewaySettings) -> None:
        self._pool = pool
        self._tokens = settings.signing_tokens
        self._url = settings.receipts_url

    async def __call__(self, request: Request) -> Response:
        """Record the receipt; 403 if the signature isn't the gateway's, 400 if it is unreadable."""
        form = await signed_form(request, self._tokens, self._url)
        if form is None:
            return Response(status_code=403)
        reference = REFERENCE.fullmatch(request.query_params.get("reference", ""))
        if reference is None or not form.get("MessageSid"):
            return Response("reference or MessageSid is missing", status_code=400)
        state = STATES.get(form.get("MessageStatus", ""))
        if state is not None:
            failure = form.get("ErrorCode") if state in ("UNDELIVERED", "FAILED") else None
            known = await record_receipt(
                self._pool,
                int(reference[1]),
                UUID(reference[2]),
                state=state,
                gateway_id=form["MessageSid"],
                failure=failure,
                opted_out=says_opted_out(failure),
            )
            if not known:
                logger.warning("a delivery receipt named a message that is not ours")
        return Response(status_code=204)
