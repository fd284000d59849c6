"""The patients' phones: a page that shows each one's messages, and takes its patient's replies."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from aiohttp import web

from dev.simulator.exchange import as_json, read_object, refusal
from dev.simulator.replies import Replies
from dev.simulator.store import Reply, Store, StoredMessage
from dev.simulator.twilio_json import MAX_BODY_CHARACTERS

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS = {
    # The page shows text that came from outside, so it may load and call nothing but its server.
    "Content-Security-Policy": (
        "default-src 'none'; connect-src 'self'; img-src data:; style-src 'self'; "
        "script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}
_PHONES = 50
_BUBBLES = 100
_GLIMPSE = 120


class Phones:
    """The page's routes; without `replies` nobody can write back."""

    def __init__(self, store: Store, replies: Replies | None) -> None:
        self._store = store
        self._replies = replies

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/", _file("page.html")),
            web.get("/page.css", _file("page.css")),
            web.get("/page.js", _file("page.js")),
            web.get("/phones", self._list),
            web.get("/phones/{number}", self._fetch),
            web.post("/replies", self._reply),
        ]

    async def run(self, _app: web.Application) -> AsyncIterator[None]:
        """Hold open what posting replies needs while the simulator runs."""
        if self._replies is None:
            yield
            return
        async with self._replies:
            yield

    async def _list(self, request: web.Request) -> web.Response:
        numbers = self._found(request.query.get("search", ""))
        shown = [self._glimpse(number) for number in islice(numbers, _PHONES)]
        return as_json({"phones": shown, "total": len(shown) + sum(1 for _ in numbers)})

    def _found(self, search: str) -> Iterator[str]:
        """Iterate over the phones whose number contains the search, however that is written."""
        if not search.strip():
            return self._store.phones()
        digits = re.sub(r"\D", "", search)
        wanted = {digits, "+61" + digits[1:] if digits.startswith("0") else digits} - {""}
        return (number for number in self._store.phones() if any(part in number for part in wanted))

    def _glimpse(self, number: str) -> dict[str, Any]:
        newest = next(self._store.conversation(number))
        return {"number": number, "newest": _bubble(newest) | {"body": newest.body[:_GLIMPSE]}}

    async def _fetch(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        bubbles = self._store.conversation(number)
        shown = [_bubble(kept) for kept in islice(bubbles, _BUBBLES)]
        last = self._last(number)
        return as_json(
            {
                "bubbles": shown,
                "total": len(shown) + sum(1 for _ in bubbles),
                "sender": last and (last.sender or last.service),
                "canReply": last is not None and self._replies is not None,
            }
        )

    def _last(self, number: str) -> StoredMessage | None:
        return next(self._store.newest(number), None)

    async def _reply(self, request: web.Request) -> web.Response:
        # Another site's page can post a form, but JSON only if this server allows it.
        if request.content_type != "application/json":
            return refusal("Send application/json.", 415)
        if self._replies is None:
            return refusal("Replies go nowhere: start the simulator with --replies-url.", 409)
        content = await read_object(request)
        if content is None:
            return refusal("Send a JSON object.")
        number, body = content.get("from"), content.get("body")
        if not isinstance(body, str) or not body.strip():
            return refusal("Write something first.", field="body")
        if len(body) > MAX_BODY_CHARACTERS:
            return refusal(f"A reply has at most {MAX_BODY_CHARACTERS} characters.", field="body")
        message = self._last(number) if isinstance(number, str) else None
        if message is None:
            return refusal("This phone has no message to reply to.", 404, "from")
        reply = Reply(message, body)
        problem = await self._replies.bring(reply)
        return as_json(_bubble(reply), 201) if problem is None else refusal(problem, 502)


def _bubble(kept: StoredMessage | Reply) -> dict[str, Any]:
    """Return what the page shows of a message or a reply, with Twilio's name for the direction."""
    told = {"sid": kept.sid, "body": kept.body, "time": kept.time}
    if isinstance(kept, Reply):
        return told | {"direction": "inbound", "answers": kept.answers}
    return told | {"direction": "outbound-api", "status": kept.status}


def _file(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that answers with the file of this name in this folder."""
    path = Path(__file__).with_name(name)
    text = path.read_text(encoding="utf-8")

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=_TYPES[path.suffix], headers=_HEADERS)

    return answer
