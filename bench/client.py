"""Users of the API over HTTP: a practice's staff and its PMS, and patients through the gateway."""

from collections.abc import Sequence
from http import HTTPStatus
from itertools import count
from typing import Any

import aiohttp

from bench.stage import REPLIES_URL, SENDER, TOKEN
from bench.waiting import BenchError
from db.sync import RecallRow
from workers.gateway.twilio_signature import sign

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
SET_BLOCKED = """
mutation ($input: SetBlockedRecallsInput!) {
  setBlockedRecalls(input: $input) { __typename ... on BlockedCommunication { blockedRecalls } }
}"""
START_RUN = """
mutation ($input: StartAutomatedRunInput!) {
  startAutomatedRun(input: $input) { __typename ... on Run { id state } }
}"""
STOP_RUN = """
mutation ($input: StopRunInput!) {
  stopRun(input: $input) { __typename ... on Run { id state } }
}"""
SYNC_RECALLS = """
mutation ($input: [RecallInput!]!) {
  syncRecalls(input: $input) { __typename ... on Synced { inserted updated unchanged } }
}"""

BLOCKED_PAGE = """
query {
  recalls(first: 20, filter: { blocked: true }) {
    edges {
      node {
        id reason urgency dueDate category { id name } patient { id firstName lastName mobile }
        smsStatus { blocked reason overridable message }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""


class Client:
    """One practice's staff, with their token; ``http`` goes to the API, and may be replaced."""

    def __init__(self, http: aiohttp.ClientSession, token: str) -> None:
        self.http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self._keys = count(1)

    async def read_blocked(self) -> None:
        """Read the first page of the list's blocked recalls."""
        await self._ask({"query": BLOCKED_PAGE})

    async def send(self, *recall_ids: int) -> None:
        """Send the recalls by hand, together."""
        keys = [f"Recall:{recall_id}" for recall_id in recall_ids]
        await self._call(SEND, "Run", {"recallIds": keys, "idempotencyKey": self._key()})

    async def block(self, mobile: str) -> None:
        """Put the number on the blocklist, with 'Blocked Recalls' ticked."""
        arguments = {"mobile": mobile, "blockedRecalls": True}
        await self._call(BLOCK, "BlockedCommunication", arguments)

    async def unblock(self, mobile: str) -> None:
        """Untick 'Blocked Recalls' for a number on the blocklist."""
        arguments = {"mobile": mobile, "blocked": False}
        await self._call(SET_BLOCKED, "BlockedCommunication", arguments)

    async def start_run(self) -> str:
        """Start an automated run of all categories; return its id."""
        run = await self._call(START_RUN, "Run", {"idempotencyKey": self._key()})
        return str(run["id"])

    async def stop_run(self, run_id: str) -> None:
        """Stop the run."""
        await self._call(STOP_RUN, "Run", {"runId": run_id})

    async def sync_recalls(self, rows: Sequence[RecallRow]) -> None:
        """Send recalls as the practice's PMS does."""
        recalls = [
            {
                "pmsId": row.pms_id,
                "patientPmsId": row.patient_pms_id,
                "reason": row.reason,
                "urgency": row.urgency,
                "dueDate": row.due_date.isoformat(),
            }
            for row in rows
        ]
        await self._call(SYNC_RECALLS, "Synced", recalls)

    def _key(self) -> str:
        return f"bench {next(self._keys)}"

    async def _call(self, document: str, expected: str, arguments: Any) -> dict[str, Any]:
        """Return a mutation's result; raises BenchError if it isn't of the expected type."""
        result = await self._ask({"query": document, "variables": {"input": arguments}})
        if result["__typename"] != expected:
            raise BenchError(f"the API answered {result['__typename']}, not {expected}")
        return result

    async def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the only field of the answer; raises BenchError if it has an error."""
        async with self.http.post("/graphql", json=body, headers=self._headers) as response:
            answer = await response.json()
        if "errors" in answer:
            raise BenchError(f"the API answered {answer['errors'][0]['message']}")
        result: dict[str, Any]
        [result] = answer["data"].values()
        return result


async def reply_stop(http: aiohttp.ClientSession, mobile: str) -> None:
    """Post a patient's STOP, signed like the gateway's; raises BenchError if it isn't taken."""
    form = {"MessageSid": f"SM{mobile[1:]}", "From": mobile, "To": SENDER, "Body": "STOP"}
    headers = {"X-Twilio-Signature": sign(TOKEN, REPLIES_URL, form)}
    async with http.post("/replies/twilio", data=form, headers=headers) as answer:
        if answer.status != HTTPStatus.OK:
            raise BenchError(f"the API answered a STOP with {answer.status}")


async def ask_health(http: aiohttp.ClientSession) -> None:
    """Ask whether the API is healthy; raises BenchError if it isn't."""
    async with http.get("/healthz") as answer:
        if answer.status != HTTPStatus.OK:
            raise BenchError(f"the API answered /healthz with {answer.status}")
