"""Tests that operations beyond a viewer's share, or not trusted, are refused, and how soon."""

import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from api.documents import sha256
from core.identity import Role
from tests.support.attacks import WHO, assert_refused_soon, post, retried, socket
from tests.support.served import Served


async def test_a_viewer_beyond_its_share_is_refused_soon(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the receptionist's one operation and the admin's two streams used up, and one document
    trusted = tmp_path / "documents.json"
    trusted.write_text(json.dumps({sha256(WHO): WHO}))
    monkeypatch.setattr("api.streams.MAX_STREAMS", 2)
    limits = {"RATE": "0.01", "TRUSTED_DOCUMENTS": str(trusted), "OTHER_DOCUMENTS": "refuse"}
    async with AsyncExitStack() as running:
        target = await running.enter_async_context(served.again(**limits))
        strict = await running.enter_async_context(served.again(**limits | {"RATE": "0"}))
        for _ in range(2):
            await running.enter_async_context(target.operations())
        assert await target.errors(WHO, token=target.tokens[Role.RECEPTIONIST]) == []
        table = []
        for name, where, attack, expected in [
            (
                "a document of their own",
                strict,
                post("{ practice { name } }"),
                "400 BAD_USER_INPUT",
            ),
            ("operations without an end", target, post(WHO), "429 RATE_LIMITED"),
            ("operations, WebSocket", target, socket(WHO), "ws RATE_LIMITED"),
            ("connections without an end", target, socket(WHO, Role.ADMIN), "ws 4429"),
        ]:
            # when
            answers, took = await retried(attack, where)
            table.append((name, answers, expected, took))
    # then
    assert_refused_soon(table)
