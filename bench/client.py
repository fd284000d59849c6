"""A practice's staff at the API: they send, block and start runs, over HTTP."""

from itertools import count
from typing import Any

import aiohttp

from bench.waiting import BenchError

SEND = """
mutation ($input: SendRecallsInput!) {
  sendRecalls(input: $input) { __typename ... on Run { id state planned queued sent } }
}"""
BLOCK = """
mutation ($input: BlockMobileInput!) {
  blockMobile(input: $input) {
    __typename
    ... on BlockedCommunication { id mobile blockedRecalls alreadyHandedOver patients { id } }
  }
}"""
START_RUN = """
mutation ($input: StartAutomatedRunInput!) {
  startAutomatedRun(input: $input) { __typename ... on Run { id state } }
}"""


class Client:
    """One practice's staff, by their token."""

    def __init__(self, http: aiohttp.ClientSession, token: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self._keys = count(1)

    async def send(self, recall_id: int) -> None:
        """Send one recall by hand."""
        recall_ids = [f"Recall:{recall_id}"]
        await self._call(SEND, "Run", recallIds=recall_ids, idempotencyKey=self._key())

    async def block(self, mobile: str) -> None:
        """Put the number on the blocked communication list, with 'Blocked Recalls' ticked."""
        await self._call(BLOCK, "BlockedCommunication", mobile=mobile, blockedRecalls=True)

    async def start_run(self) -> None:
        """Start an automated run of all categories."""
        await self._call(START_RUN, "Run", idempotencyKey=self._key())

    def _key(self) -> str:
        return f"bench {next(self._keys)}"

    async def _call(self, document: str, expected: str, **arguments: Any) -> None:
        """Call a mutation; raises BenchError where it answers anything but what is expected."""
        body = {"query": document, "variables": {"input": arguments}}
        async with self._http.post("/graphql", json=body, headers=self._headers) as response:
            answer = await response.json()
        if "errors" in answer:
            raise BenchError(f"the API answered {answer['errors'][0]['message']}")
        [result] = answer["data"].values()
        if result["__typename"] != expected:
            raise BenchError(f"the API answered {result['__typename']} and not {expected}")
