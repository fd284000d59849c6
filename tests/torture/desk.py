"""A practice's desk, which calls the API over HTTP again and again until it has an answer."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import aiohttp

PATIENCE = 300.0
"""Seconds after which a call without an answer ends the run."""
BETWEEN_TRIES = 0.3


@dataclass(frozen=True, slots=True)
class Answer:
    """A mutation's result, and when the try that was answered began and ended."""

    value: dict[str, Any]
    asked: float
    answered: float


class Desk:
    """A practice's admin at work; ``counts`` counts the answers lost on the way."""

    def __init__(self, api: aiohttp.ClientSession, token: str, counts: Counter[str]) -> None:
        self._api = api
        self._headers = {"Authorization": f"Bearer {token}"}
        self._counts = counts

    async def call(
        self, document: str, arguments: dict[str, Any], *, hang_up: float | None = None
    ) -> Answer:
        """Call the mutation until it is answered, first hanging up after ``hang_up`` seconds.

        Raises TimeoutError after five minutes without an answer.
        """
        body = {"query": document, "variables": {"input": arguments}}
        async with asyncio.timeout(PATIENCE):
            if hang_up is not None:
                answer = await self._hurried(body, hang_up)
                if answer is not None:
                    return answer
            while True:
                answer = await self._ask(body)
                if answer is not None:
                    return answer
                self._counts["answers lost"] += 1
                await asyncio.sleep(BETWEEN_TRIES)

    async def _hurried(self, body: dict[str, Any], seconds: float) -> Answer | None:
        try:
            async with asyncio.timeout(seconds):
                return await self._ask(body)
        except TimeoutError:
            self._counts["answers not waited for"] += 1
            return None

    async def _ask(self, body: dict[str, Any]) -> Answer | None:
        asked = time.time()
        try:
            async with self._api.post("/graphql", json=body, headers=self._headers) as response:
                content = await response.json(content_type=None)
        except (aiohttp.ClientError, ValueError):
            return None
        answered = time.time()
        # The API answers a request that met a cut connection with errors instead of data.
        if not isinstance(content, dict) or "errors" in content:
            return None
        [value] = content["data"].values()
        return Answer(value, asked, answered)
