"""Patients' replies: posts each to the sender's address for them, as Twilio does."""

import asyncio
from typing import Self
from xml.etree import ElementTree

import aiohttp

from dev.simulator.store import Reply, Store
from dev.simulator.twilio_json import API_VERSION
from workers.gateway.twilio_signature import sign

SECONDS = 15.0
"""How long Twilio waits for an answer."""


class Replies:
    """Posts replies to `url`, where Recalls takes them; use as an async context manager."""

    def __init__(self, auth_token: str, url: str, store: Store) -> None:
        self._auth_token = auth_token
        self._url = url
        self._store = store
        self._in_progress: set[asyncio.Task[str | None]] = set()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=SECONDS)
        )
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for task in self._in_progress:
            task.cancel()
        await asyncio.gather(*self._in_progress, return_exceptions=True)
        await self._session.close()

    async def bring(self, reply: Reply) -> str | None:
        """Post `reply`, and keep it once accepted; return why it wasn't, or None if it was."""
        task = asyncio.create_task(self._bring(reply))
        self._in_progress.add(task)
        task.add_done_callback(self._in_progress.discard)
        # An SMS is on its way even if the page that wrote it is closed meanwhile.
        return await asyncio.shield(task)

    async def _bring(self, reply: Reply) -> str | None:
        form = _form(reply)
        headers = {"X-Twilio-Signature": sign(self._auth_token, self._url, form)}
        try:
            async with self._session.post(
                self._url, data=form, headers=headers, allow_redirects=False
            ) as response:
                if response.status not in range(200, 300):
                    return f"Recalls did not take it: it answered {response.status}."
                reply.answers = _texts(await response.read())
        except TimeoutError:
            return f"Recalls did not answer: nothing came back in {SECONDS:g} seconds."
        except (aiohttp.ClientError, OSError):
            return "Recalls did not answer: it can't be reached, or it hung up."
        self._store.add(reply)
        return None


def _form(reply: Reply) -> dict[str, str]:
    message = reply.message
    form = {
        "AccountSid": message.account,
        "ApiVersion": API_VERSION,
        "Body": reply.body,
        "From": reply.phone,
        "MessageSid": reply.sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": reply.sid,
        "SmsSid": reply.sid,
        "SmsStatus": "received",
        # Only Twilio knows which number of a messaging service a message came from.
        "To": message.sender or "",
    }
    if message.service is not None:
        form["MessagingServiceSid"] = message.service
    return form


def _texts(twiml: bytes) -> list[str]:
    """Return what an answer in TwiML says to the patient; nothing if it isn't TwiML."""
    try:
        root = ElementTree.fromstring(twiml)  # noqa: S314 - from our own API, on this machine
    except ElementTree.ParseError:
        return []
    return [text for verb in root.iter("Message") if (text := "".join(verb.itertext()).strip())]
