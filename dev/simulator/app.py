"""The simulator's routes: Twilio's Messages API, its contents and settings, and the phones."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from itertools import islice
from typing import NoReturn

import aiohttp
from aiohttp import web
from pydantic import ValidationError

from dev.simulator.exchange import as_json, number, read_object, refusal, whole
from dev.simulator.faults import Fault, Faults, Settings
from dev.simulator.phones import Phones
from dev.simulator.receipts import Receipts
from dev.simulator.replies import Replies
from dev.simulator.store import CAPACITY, Store
from dev.simulator.twilio_json import (
    NOT_AUTHENTICATED,
    NOT_FOUND,
    TOO_MANY_REQUESTS,
    UNAVAILABLE,
    Problem,
    message_json,
    page_json,
    read_message,
)

_PAGE_SIZE = 50
_MAX_PAGE_SIZE = 1000
_PROXYS_PAGE = "<h1>503 Service Temporarily Unavailable</h1>"
"""What a proxy in between answers although the gateway has taken the message."""


def make_runner(
    auth_token: str, settings: Settings, replies_url: str | None = None
) -> web.AppRunner:
    """Return the simulator, ready to be set up and given a loopback address to listen on.

    `auth_token` is what senders must show, and what receipts and replies are signed with;
    `replies_url`, a loopback one, is where replies go, if anywhere.
    """
    return web.AppRunner(
        Simulator(auth_token, settings, replies_url).app(),
        access_log=None,
        # Ends the requests left hanging by a fault once their client has gone.
        handler_cancellation=True,
        shutdown_timeout=1,
    )


class Simulator:
    """The routes and what they share."""

    def __init__(self, auth_token: str, settings: Settings, replies_url: str | None) -> None:
        self._auth_token = auth_token
        self._faults = Faults(settings)
        self._receipts = Receipts(auth_token)
        self._store = Store()
        replies = Replies(auth_token, replies_url, self._store) if replies_url else None
        self._phones = Phones(self._store, replies)

    def app(self) -> web.Application:
        """Return the routes as an application."""
        account = "/2010-04-01/Accounts/{account}"
        app = web.Application()
        app.cleanup_ctx.extend((self._run_receipts, self._phones.run))
        app.add_routes(
            [
                web.post(f"{account}/Messages.json", self._create),
                web.get(f"{account}/Messages.json", self._list),
                web.get(f"{account}/Messages/{{sid}}.json", self._fetch),
                web.get("/messages", self._messages),
                web.delete("/messages", self._clear),
                web.get("/settings", self._settings),
                web.put("/settings", self._change_settings),
                *self._phones.routes(),
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
        self._receipts.schedule(message, self._faults.settings.receipt_delay_ms / 1000, fate)
        answer = as_json(message_json(message), status=201)
        await asyncio.sleep(fate.latency)
        match fate.fault:
            case Fault.ACCEPT_THEN_CLOSE:
                await _hang_up(request)
            case Fault.ACCEPT_THEN_UNAVAILABLE:
                return web.Response(text=_PROXYS_PAGE, status=503, content_type="text/html")
            case Fault.ACCEPT_THEN_HANG:
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
        account, to = request.match_info["account"], number(request, "To")
        size = min(max(whole(request, "PageSize", _PAGE_SIZE), 1), _MAX_PAGE_SIZE)
        page = whole(request, "Page", 0)
        matching = (kept for kept in self._store.newest(to) if kept.account == account)
        # One more than is shown, to tell whether another page follows.
        found = list(islice(matching, page * size, (page + 1) * size + 1))
        return as_json(
            page_json(account, found[:size], page=page, size=size, to=to, more=len(found) > size)
        )

    async def _fetch(self, request: web.Request) -> web.Response:
        if not self._authentic(request):
            return _problem(NOT_AUTHENTICATED)
        message = self._store.get(request.match_info["sid"])
        if message is None or message.account != request.match_info["account"]:
            return _problem(NOT_FOUND)
        return as_json(message_json(message))

    def _authentic(self, request: web.Request) -> bool:
        expected = aiohttp.encode_basic_auth(request.match_info["account"], self._auth_token)
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(errors="replace"), expected.encode())

    async def _messages(self, request: web.Request) -> web.Response:
        messages = self._store.newest(number(request, "to"))
        limit = whole(request, "limit", CAPACITY)
        return as_json([message.summary() for message in islice(messages, limit)])

    async def _clear(self, _request: web.Request) -> web.Response:
        self._store.clear()
        return web.Response(status=204)

    async def _settings(self, _request: web.Request) -> web.Response:
        return as_json(self._faults.settings.model_dump())

    async def _change_settings(self, request: web.Request) -> web.Response:
        changes = await read_object(request)
        if changes is None:
            return refusal("Send a JSON object.")
        try:
            self._faults.change(changes)
        except ValidationError as refused:
            errors = [
                {"field": ".".join(map(str, error["loc"])) or None, "message": error["msg"]}
                for error in refused.errors()
            ]
            return as_json({"errors": errors}, 400)
        return as_json(self._faults.settings.model_dump())


async def _hang_up(request: web.Request) -> NoReturn:
    if request.transport is not None:
        request.transport.close()
    await _never_answer()


async def _never_answer() -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError  # the request is cancelled once the connection is gone


def _problem(problem: Problem, headers: dict[str, str] | None = None) -> web.Response:
    return as_json(problem.as_json(), problem.status, headers)
