"""The simulator's HTTP routes: Twilio's Messages API, and a look inside with settings to change."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import aiohttp
import orjson
from aiohttp import web
from pydantic import ValidationError

from workers.simulator.faults import Fault, Faults, Settings
from workers.simulator.receipts import Receipts
from workers.simulator.store import Store
from workers.simulator.twilio_json import (
    NOT_AUTHENTICATED,
    NOT_FOUND,
    TOO_MANY_REQUESTS,
    UNAVAILABLE,
    Problem,
    message_json,
    page_json,
    read_message,
)

_PAGE = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
# The page shows text that came from outside, so it may load and call nothing but its own server.
_PAGE_POLICY = (
    "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_SIZE = 50
_LARGEST_PAGE = 1000
_MOST_DIGITS = 9  # More would be past what islice() takes.


def make_runner(auth_token: str, settings: Settings) -> web.AppRunner:
    """Give the simulator, ready to be set up and given a loopback address to listen on.

    `auth_token` is what senders must show, and what receipts are signed with.
    """
    return web.AppRunner(
        Simulator(auth_token, settings).app(),
        access_log=None,
        # Ends the requests left hanging by a fault once their client has gone.
        handler_cancellation=True,
        shutdown_timeout=1,
    )


class Simulator:
    """The routes and what they share."""

    def __init__(self, auth_token: str, settings: Settings) -> None:
        self._auth_token = auth_token
        self._faults = Faults(settings)
        self._receipts = Receipts(auth_token)
        self._store = Store()

    def app(self) -> web.Application:
        """Give the routes as an application."""
        account = "/2010-04-01/Accounts/{account}"
        app = web.Application()
        app.cleanup_ctx.append(self._run_receipts)
        app.add_routes(
            [
                web.post(f"{account}/Messages.json", self._create),
                web.get(f"{account}/Messages.json", self._list),
                web.get(f"{account}/Messages/{{sid}}.json", self._fetch),
                web.get("/", self._page),
                web.get("/messages", self._messages),
                web.delete("/messages", self._clear),
                web.get("/settings", self._settings),
                web.put("/settings", self._change_settings),
            ]
        )
        return app

    async def _run_receipts(self, _app: web.Application) -> AsyncIterator[None]:
        async with self._receipts:
            yield

    async def _create(self, request: web.Request) -> web.Response:
        if not self._authentic(request):
            return _problem(NOT_AUTHENTICATED)
        fate = self._faults.draw()
        if fate.fault is Fault.DROP:
            await _hang_up(request)
        refusal = self._refusal(fate.fault)
        if refusal is not None:
            await asyncio.sleep(fate.latency)
            return refusal
        message = read_message(request.match_info["account"], await request.post())
        if isinstance(message, Problem):
            return _problem(message)
        self._store.add(message)
        self._receipts.schedule(
            message,
            self._faults.settings.receipt_delay_ms / 1000,
            undelivered=fate.undelivered,
            dropped=fate.receipts_dropped,
        )
        answer = _json(message_json(message), status=201)
        await asyncio.sleep(fate.latency)
        if fate.fault is Fault.ACCEPT_THEN_CLOSE:
            await _hang_up(request)
        if fate.fault is not None:
            await _never_answer()
        return answer

    def _refusal(self, fault: Fault | None) -> web.Response | None:
        settings = self._faults.settings
        wait = {"Retry-After": str(settings.retry_after)}
        match fault:
            case Fault.REJECT:
                return _problem(
                    Problem(400, settings.reject_code, "Rejected, as the settings ask.")
                )
            case Fault.UNAVAILABLE:
                return _problem(UNAVAILABLE, wait)
            case Fault.RATE_LIMITED:
                return _problem(TOO_MANY_REQUESTS, wait)
            case _:
                return None

    async def _list(self, request: web.Request) -> web.Response:
        if not self._authentic(request):
            return _problem(NOT_AUTHENTICATED)
        account, to = request.match_info["account"], _number(request, "To")
        size = min(max(_whole(request, "PageSize", _PAGE_SIZE), 1), _LARGEST_PAGE)
        page = _whole(request, "Page", 0)
        matching = (kept for kept in self._store.newest(to) if kept.account == account)
        # One more than is shown tells whether another page follows.
        found = list(islice(matching, page * size, (page + 1) * size + 1))
        return _json(
            page_json(account, found[:size], page=page, size=size, to=to, more=len(found) > size)
        )

    async def _fetch(self, request: web.Request) -> web.Response:
        if not self._authentic(request):
            return _problem(NOT_AUTHENTICATED)
        message = self._store.get(request.match_info["sid"])
        if message is None or message.account != request.match_info["account"]:
            return _problem(NOT_FOUND)
        return _json(message_json(message))

    def _authentic(self, request: web.Request) -> bool:
        expected = aiohttp.encode_basic_auth(request.match_info["account"], self._auth_token)
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(errors="replace"), expected.encode())

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(
            text=_PAGE,
            content_type="text/html",
            headers={"Content-Security-Policy": _PAGE_POLICY},
        )

    async def _messages(self, request: web.Request) -> web.Response:
        messages = self._store.newest(_number(request, "to"))
        limit = _whole(request, "limit", len(self._store))
        return _json(
            [message.summary() for message in islice(messages, limit)],
            headers={"X-Total-Count": str(len(self._store))},
        )

    async def _clear(self, _request: web.Request) -> web.Response:
        self._store.clear()
        return web.Response(status=204)

    async def _settings(self, _request: web.Request) -> web.Response:
        return _json(self._faults.settings.model_dump())

    async def _change_settings(self, request: web.Request) -> web.Response:
        try:
            changes = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            changes = None
        if not isinstance(changes, dict):
            return _json({"errors": [{"field": None, "message": "Send a JSON object."}]}, 400)
        try:
            self._faults.change(changes)
        except ValidationError as refused:
            errors = [
                {"field": ".".join(map(str, error["loc"])) or None, "message": error["msg"]}
                for error in refused.errors()
            ]
            return _json({"errors": errors}, 400)
        return _json(self._faults.settings.model_dump())


async def _hang_up(request: web.Request) -> NoReturn:
    if request.transport is not None:
        request.transport.close()
    await _never_answer()


async def _never_answer() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError  # the request is cancelled once the connection is gone


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(content),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def _problem(problem: Problem, headers: dict[str, str] | None = None) -> web.Response:
    return _json(problem.as_json(), problem.status, headers)


def _number(request: web.Request, name: str) -> str | None:
    """Give a phone number from the query, whose "+" reads as a space unless it was escaped."""
    number = request.query.get(name)
    return number.replace(" ", "+") if number else None


def _whole(request: web.Request, name: str, otherwise: int) -> int:
    """Give a whole number, 0 or more, from the query; answers 400 if it is something else."""
    text = request.query.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise web.HTTPBadRequest(text=f"{name} must be a whole number, 0 or more.\n")
    return int(text)
