"""Sends messages through Twilio's Messages REST API, and reads its list of them."""

import logging
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus, urlencode

import aiohttp
import orjson

from workers.aiohttp_patches import TimelyForm
from workers.clock import Deadline
from workers.gateway.protocol import (
    Accepted,
    Listed,
    Message,
    NotTaken,
    Outcome,
    Refused,
    Unknown,
)
from workers.gateway.twilio_errors import says_opted_out, setting_at_fault
from workers.gateway.twilio_states import STATES

_MAX_RETRY_AFTER_SECONDS = 3600.0
_SETTING_RETRY = 60.0
_PAGE_SIZE = 100
_MAX_PAGES = 20
_MAX_BYTES = 1_000_000
"""Bytes of an answer; a page of the list takes a tenth of that."""
logger = logging.getLogger(__name__)


class TwilioGateway:
    """A `Gateway` over Twilio's API, or over a server that speaks it.

    `base_url` has no path; `sender` is a number, a sender name or a messaging service ("MG…").
    `receipts_url` (without a query) is where Twilio reports what became of a message; each
    message's reference is added to it as the query parameter `reference`. `validity` is how many
    seconds a message may wait at Twilio (None: as many as Twilio likes). `timeout` is how many
    seconds getting a connection may take, and again how many the answer may take. At most
    `connections` are open at once. `lists` is false for a server that can only send. Make it inside
    a running event loop.
    """

    def __init__(
        self,
        base_url: str,
        account_sid: str,
        auth_token: str,
        *,
        sender: str,
        receipts_url: str | None,
        validity: int | None = None,
        timeout: float = 10,
        connections: int = 256,
        lists: bool = True,
    ) -> None:
        self.lists = lists
        self._base_url = base_url.rstrip("/")
        self._path = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._url = self._base_url + self._path
        sender_field = "MessagingServiceSid" if sender.startswith("MG") else "From"
        # What all forms have in common is encoded once: aiohttp's encoding, which can do more,
        # would take a quarter of the worker's time.
        common = {sender_field: sender}
        if validity is not None:
            common["ValidityPeriod"] = str(validity)
        if receipts_url is not None:
            common["StatusCallback"] = f"{receipts_url}?reference="  # last, to be appended to
        self._common = urlencode(common)
        self._reports = receipts_url is not None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections, socket_factory=lambda address: _socket(address, timeout)
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Authorization": aiohttp.encode_basic_auth(account_sid, auth_token)},
            # Getting a connection, then the answer. One for all: one per request is expensive.
            timeout=aiohttp.ClientTimeout(total=2 * timeout, connect=timeout, sock_read=timeout),
        )

    async def send(self, message: Message, *, deadline: Deadline) -> Outcome:
        """Hand over `message`; see `Gateway.send`."""
        if deadline.is_over:
            return NotTaken()
        form = TimelyForm(self._encode(message), deadline)
        try:
            async with self._session.post(self._url, data=form, allow_redirects=False) as response:
                return await _outcome(response)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Unknown() if form.written else NotTaken()

    async def listed(self, to: str, since: datetime) -> Sequence[Listed] | None:
        """Return the account's messages to `to`; see `Gateway.listed`.

        Twilio's list has neither our reference nor the callback URL that contains it, so the caller
        goes by the text. Any sender counts, because ours may have been changed since.
        """
        found: list[Listed] = []
        url = f"{self._url}?{urlencode({'To': to, 'PageSize': _PAGE_SIZE})}"
        for _ in range(_MAX_PAGES):
            page = await self._page(url)
            messages = page.get("messages")
            if not isinstance(messages, list):
                return None
            try:
                found += [_listed(message) for message in messages]
            except (KeyError, TypeError, ValueError):
                return None  # not a list of Twilio's: it tells us nothing
            following = page.get("next_page_uri")
            # Newest first: what follows is older still.
            if not following or (found and found[-1].created_at < since):
                return [message for message in found if message.created_at >= since]
            if not isinstance(following, str) or not following.startswith(f"{self._path}?"):
                return None  # our token must not go anywhere else
            url = self._base_url + following
        return None

    async def _page(self, url: str) -> dict[str, Any]:
        """Return a page of the list; empty if the gateway doesn't give it now."""
        try:
            async with self._session.get(url, allow_redirects=False) as response:
                return _json_object(await _content(response)) if response.ok else {}
        except (aiohttp.ClientError, TimeoutError, OSError):
            return {}

    async def close(self) -> None:
        """Close the connections; nothing can be sent afterwards."""
        await self._session.close()

    def _encode(self, message: Message) -> bytes:
        reference = quote_plus(message.reference) if self._reports else ""
        to, body = quote_plus(message.to), quote_plus(message.body)
        return f"To={to}&Body={body}&{self._common}{reference}".encode()


def _socket(address: aiohttp.AddrInfoType, timeout: float) -> socket.socket:
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # The kernel keeps resending what the network swallows for a quarter of an hour; bytes that
        # arrive so late would belie what the gateway's list has said about the message meanwhile.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(timeout * 1000))
    return made


async def _outcome(response: aiohttp.ClientResponse) -> Outcome:
    status = response.status
    answer = _json_object(await _content(response))
    if status in range(200, 300):
        sid = answer.get("sid")
        return Accepted(sid) if isinstance(sid, str) and sid else Unknown()
    code = answer.get("code")
    if not isinstance(code, int):
        code = None
    retry_after = _retry_after(response.headers.get("Retry-After"))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        # A proxy says this too, and then the gateway may have the message all the same.
        said_so = code is not None or "Retry-After" in response.headers
        return NotTaken(retry_after) if said_so else Unknown()
    if status not in range(400, 500):
        return Unknown()
    if setting := setting_at_fault(status, code):
        # The host fixes the setting, and nothing is lost.
        logger.error("the gateway answered %d with code %s: check %s", status, code, setting)
        return NotTaken(_SETTING_RETRY if retry_after is None else retry_after)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotTaken(retry_after)
    return Refused(str(code), opted_out=says_opted_out(code))


async def _content(response: aiohttp.ClientResponse) -> bytes:
    """Return the answer's content; raises ClientPayloadError if it is too long for Twilio's."""
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > _MAX_BYTES:
            response.close()
            raise aiohttp.ClientPayloadError
    return bytes(content)


def _listed(message: dict[str, Any]) -> Listed:
    state = STATES.get(message["status"], "SENT")  # queued, sending: taken all the same
    failed = state in ("UNDELIVERED", "FAILED") and message["error_code"] is not None
    return Listed(
        gateway_id=message["sid"],
        created_at=parsedate_to_datetime(message["date_created"]),
        state=state,
        failure=str(message["error_code"]) if failed else None,
        body=message["body"],
    )


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _retry_after(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header (seconds, or an HTTP date) asks for, if any."""
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
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_SECONDS)
