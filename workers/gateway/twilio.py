"""Sends messages through Twilio's Messages REST API."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
import orjson

from workers.gateway.protocol import Accepted, Message, NotTaken, Outcome, Refused, Unknown

_LONGEST_RETRY_AFTER = 3600.0
_CREDENTIALS_RETRY = 60.0
logger = logging.getLogger(__name__)


class DeadlinePassed(aiohttp.ClientError):
    """The deadline passed before the first byte of the request was written."""


@dataclass(slots=True)
class _Attempt:
    """One request: until when it may be written, and whether it was."""

    deadline: float
    written: bool = False


class TwilioGateway:
    """A `Gateway` over Twilio's API, or over a server that speaks it.

    `base_url` has no path; `sender` is a number, a sender name or a messaging service ("MG…").
    `receipts_url` (without a query) is where Twilio reports what became of a message; each
    message's reference is added to it as the query parameter `reference`. `timeout` is how many
    seconds getting a connection may take, and again how many the answer may take. At most
    `connections` are open at once. Make it inside a running event loop.
    """

    def __init__(
        self,
        base_url: str,
        account_sid: str,
        auth_token: str,
        *,
        sender: str,
        receipts_url: str | None,
        timeout: float = 10,
        connections: int = 256,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Messages.json"
        sender_field = "MessagingServiceSid" if sender.startswith("MG") else "From"
        self._sender = {sender_field: sender}
        self._receipts_url = receipts_url
        self._timeout = timeout
        trace = aiohttp.TraceConfig()
        trace.on_request_chunk_sent.append(_before_write)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Authorization": aiohttp.encode_basic_auth(account_sid, auth_token)},
            trace_configs=[trace],
        )

    async def send(self, message: Message, *, deadline: float) -> Outcome:
        """Hand over `message`; see `Gateway.send`."""
        left = deadline - time.monotonic()
        if left <= 0:
            return NotTaken()
        attempt = _Attempt(deadline)
        connect = min(left, self._timeout)
        try:
            async with self._session.post(
                self._url,
                data=self._form(message),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=connect + self._timeout, connect=connect),
                trace_request_ctx=attempt,
            ) as response:
                return await _outcome(response)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Unknown() if attempt.written else NotTaken()

    async def close(self) -> None:
        """Close the connections; nothing can be sent afterwards."""
        await self._session.close()

    def _form(self, message: Message) -> dict[str, str]:
        form = {"To": message.to, "Body": message.body, **self._sender}
        if self._receipts_url is not None:
            form["StatusCallback"] = f"{self._receipts_url}?reference={message.reference}"
        return form


async def _before_write(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any
) -> None:
    # aiohttp names this hook "chunk sent" but calls it right before it writes; the headers wait
    # in its buffer for the first chunk. Checking any earlier (when the connection is acquired)
    # would let a process that was frozen in between write after the deadline.
    attempt: _Attempt = context.trace_request_ctx
    if time.monotonic() >= attempt.deadline:
        raise DeadlinePassed
    attempt.written = True


async def _outcome(response: aiohttp.ClientResponse) -> Outcome:
    status = response.status
    if status in (429, 503):
        return NotTaken(_retry_after(response.headers.get("Retry-After")))
    if status in (401, 403):
        # Our credentials, not the message: whoever hosts this mends them, and nothing is lost.
        logger.error("the gateway answered %d: check RECALLS_GATEWAY_ACCOUNT and _TOKEN", status)
        return NotTaken(_CREDENTIALS_RETRY)
    if status in range(200, 300):
        sid = _json_object(await response.read()).get("sid")
        return Accepted(sid) if isinstance(sid, str) and sid else Unknown()
    if status in range(400, 500):
        code = _json_object(await response.read()).get("code")
        return Refused(str(code) if isinstance(code, int) else f"http-{status}")
    return Unknown()


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _retry_after(header: str | None) -> float | None:
    """Give the seconds that a Retry-After header (seconds, or an HTTP date) asks for."""
    if header is None:
        return None
    if header.isascii() and header.isdecimal():
        seconds = float(header)
    else:
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (until.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)
