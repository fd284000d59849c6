"""Tests of a gateway in the wrong hands: it learns nothing new, and fills nobody's memory."""

import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from tests.support.raw_gateway import MESSAGE, soon, twilio
from tests.support.simulated import listening
from workers.gateway.protocol import Unknown
from workers.gateway.twilio import TwilioGateway

SINCE = datetime(2026, 11, 29, tzinfo=UTC)
LARGE = json.dumps({"sid": "SM1", "messages": [], "more": "x" * 1_000_000}).encode()


@dataclass
class Hostile:
    """A gateway that answers everything with these bytes."""

    answer: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.headers.get('Host')} {request.path_qs}")
        status = 201 if request.method == "POST" else 200
        return web.Response(body=self.answer, status=status, headers=self.headers)


@pytest.fixture
async def hostile() -> Hostile:
    return Hostile()


@pytest.fixture
async def gateway(hostile: Hostile) -> AsyncIterator[TwilioGateway]:
    """The adapter, connected to the hostile gateway."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hostile.serve)
    async with listening(web.AppRunner(app, access_log=None)) as url, twilio(url) as made:
        yield made


@pytest.mark.parametrize(
    "following",
    [
        "@evil.example/2010-04-01/Accounts/AC1/Messages.json?Page=1",
        ".evil.example/2010-04-01/Accounts/AC1/Messages.json?Page=1",
        ":9/2010-04-01/Accounts/AC1/Messages.json?Page=1",
        "//evil.example/2010-04-01/Accounts/AC1/Messages.json?Page=1",
        "https://evil.example/2010-04-01/Accounts/AC1/Messages.json?Page=1",
        "/2010-04-01/Accounts/AC2/Messages.json?Page=1",
        "/2010-04-01/Accounts/AC1/Messages.json/../../Keys.json?Page=1",
        ["/2010-04-01/Accounts/AC1/Messages.json?Page=1"],
        5,
    ],
)
async def test_a_next_page_elsewhere_is_not_requested(
    hostile: Hostile, gateway: TwilioGateway, following: Any
) -> None:
    # given
    hostile.answer = json.dumps({"messages": [], "next_page_uri": following}).encode()
    # when
    listed = await gateway.listed("+61491570156", SINCE)
    # then
    assert listed is None
    assert len(hostile.asked) == 1


@pytest.mark.parametrize("packed", [False, True])
async def test_an_oversized_answer_tells_nothing(
    hostile: Hostile, gateway: TwilioGateway, packed: bool
) -> None:
    # given
    hostile.answer = gzip.compress(LARGE) if packed else LARGE
    hostile.headers = {"Content-Encoding": "gzip"} if packed else {}
    # when
    sent = await gateway.send(MESSAGE, deadline=soon())
    listed = await gateway.listed("+61491570156", SINCE)
    # then
    assert sent == Unknown()
    assert listed is None
