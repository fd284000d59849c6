"""How Twilio's Messages API reads a request and writes messages and errors as JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from yarl import URL

from dev.simulator.loopback import is_loopback_url
from dev.simulator.store import StoredMessage

API_VERSION = "2010-04-01"
MAX_BODY_CHARACTERS = 1600
MAX_VALIDITY_SECONDS = 36_000
_SECONDS = re.compile(r"[1-9][0-9]{0,4}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as Twilio reports it: an HTTP status, Twilio's own code and a sentence."""

    status: int
    code: int
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


NOT_AUTHENTICATED = Problem(401, 20003, "Authenticate")
NOT_FOUND = Problem(404, 20404, "The requested resource was not found")
TOO_MANY_REQUESTS = Problem(429, 20429, "Too Many Requests")
UNAVAILABLE = Problem(503, 20503, "Service is unavailable")


def read_message(account: str, form: Mapping[str, Any]) -> StoredMessage | Problem:
    """Read the form of a request to send a message; return the message or what's wrong with it."""
    to, body = form.get("To"), form.get("Body")
    sender, service = form.get("From"), form.get("MessagingServiceSid")
    callback, validity = form.get("StatusCallback"), form.get("ValidityPeriod", "")
    if not to:
        return Problem(400, 21604, "A 'To' phone number is required.")
    if not sender and not service:
        return Problem(400, 21603, "A 'From' phone number is required.")
    if not body:
        return Problem(400, 21602, "Message body is required.")
    if len(body) > MAX_BODY_CHARACTERS:
        return Problem(400, 21617, "The message body exceeds the 1600 character limit.")
    if not _E164.fullmatch(to):
        return Problem(400, 21211, "The 'To' number is not a valid phone number.")
    if validity and not (_SECONDS.fullmatch(validity) and int(validity) <= MAX_VALIDITY_SECONDS):
        return Problem(400, 21624, "The 'ValidityPeriod' must be from 1 to 36000 seconds.")
    if callback and not is_loopback_url(callback):
        return Problem(400, 21609, "The 'StatusCallback' URL must be on this machine (loopback).")
    return StoredMessage(
        account=account,
        to=to,
        sender=sender or None,
        service=service or None,
        body=body,
        callback=callback or None,
        reference=URL(callback).query.get("reference") if callback else None,
        validity=int(validity) if validity else None,
    )


def message_json(message: StoredMessage) -> dict[str, Any]:
    """Return a message as Twilio shows it."""
    uri = f"{_messages_uri(message.account)}/{message.sid}"
    time = format_datetime(message.time)
    return {
        "account_sid": message.account,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": time,
        "date_sent": None if message.status == "queued" else time,
        "date_updated": time,
        "direction": "outbound-api",
        "error_code": message.error,
        "error_message": None,
        "from": message.sender,
        "messaging_service_sid": message.service,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def page_json(
    account: str,
    messages: Sequence[StoredMessage],
    *,
    page: int,
    size: int,
    to: str | None,
    more: bool,
) -> dict[str, Any]:
    """Return one page of the list of messages; `page` counts from 0, `more` says one follows."""

    def uri(number: int) -> str:
        query = {"PageSize": size, "Page": number} | ({"To": to} if to is not None else {})
        return f"{_messages_uri(account)}.json?{urlencode(query)}"

    return {
        "messages": [message_json(message) for message in messages],
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": max(page * size + len(messages) - 1, 0),
        "uri": uri(page),
        "first_page_uri": uri(0),
        "previous_page_uri": uri(page - 1) if page > 0 else None,
        "next_page_uri": uri(page + 1) if more else None,
    }


def _messages_uri(account: str) -> str:
    return f"/{API_VERSION}/Accounts/{account}/Messages"
