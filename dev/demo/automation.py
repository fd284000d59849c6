"""Runs a practice's automated run through the GraphQL API, and shows its outcome."""

import asyncio
import secrets
import time
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from dev.demo.directory import DemoError

ANSWER_SECONDS = 30.0
STANDSTILL_SECONDS = 60.0
POLL_SECONDS = 0.1

START = """
mutation ($key: String!) {
  startAutomatedRun(input: {idempotencyKey: $key}) {
    ... on Run { id }
    ... on NothingToSend { message }
  }
}
"""
PROGRESS = """
query ($id: ID!) {
  node(id: $id) { ... on Run {
    state planned queued sent refused failed unknown refusals { reason count }
  } }
}
"""
REFUSALS = """
query ($id: ID!, $after: String) {
  node(id: $id) { ... on Run { attempts(first: 100, after: $after) {
    nodes { refusal { reason message } }
    pageInfo { hasNextPage endCursor }
  } } }
}
"""


class Client:
    """Asks the GraphQL API as the holder of one token."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self, query: str, **variables: str | None) -> dict[str, Any]:
        """Return the answer's data; raises DemoError if there is none within 30 seconds.

        It asks again while there is no answer: queries, and mutations with a key, may be repeated.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        question = {"query": query, "variables": variables}
        while True:
            try:
                async with self._session.post(
                    self._url, json=question, headers=self._headers
                ) as response:
                    answer = await response.json()
                break
            except (aiohttp.ClientError, TimeoutError) as error:
                if time.monotonic() > deadline:
                    raise DemoError(f"The API doesn't answer: {error}") from error
                await asyncio.sleep(POLL_SECONDS)
        if answer.get("errors"):
            raise DemoError(f"The API refuses: {answer['errors'][0]['message']}")
        data: dict[str, Any] = answer["data"]
        return data


async def automate(client: Client, name: str, console: Console) -> None:
    """Start the practice's automated run, show its progress to the end, then its outcome."""
    started = (await client.ask(START, key=secrets.token_hex(8)))["startAutomatedRun"]
    if "id" not in started:
        console.print(f"{name}: {started['message']}", soft_wrap=True)
        return
    run = await _watched(client, started["id"], name, console)
    messages = await _hover_texts(client, started["id"]) if run["refusals"] else {}
    console.print(_table(name, run, messages))


async def _watched(client: Client, run_id: str, name: str, console: Console) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(name, total=None)
        last: dict[str, Any] | None = None
        while True:
            run: dict[str, Any] = (await client.ask(PROGRESS, id=run_id))["node"]
            if run != last:
                last, deadline = run, time.monotonic() + STANDSTILL_SECONDS
            total = run["planned"] if run["state"] != "PLANNING" else None
            progress.update(task, total=total, completed=run["planned"] - run["queued"])
            if run["state"] == "FINISHED":
                return run
            if time.monotonic() > deadline:
                raise DemoError("The automated run has stalled; see the worker's log.")
            await asyncio.sleep(POLL_SECONDS)


async def _hover_texts(client: Client, run_id: str) -> dict[str, str]:
    """Return what staff are told about each reason for which the run refused."""
    messages: dict[str, str] = {}
    after: str | None = None
    while True:
        page = (await client.ask(REFUSALS, id=run_id, after=after))["node"]["attempts"]
        refusals = [node["refusal"] for node in page["nodes"] if node["refusal"]]
        messages |= {refusal["reason"]: refusal["message"] for refusal in refusals}
        if not page["pageInfo"]["hasNextPage"]:
            return messages
        after = page["pageInfo"]["endCursor"]


def _table(name: str, run: dict[str, Any], messages: dict[str, str]) -> Table:
    table = Table(title=name, title_justify="left", show_header=False)
    table.add_column()
    table.add_column(ratio=1)
    table.add_column(justify="right")
    table.add_row("Sent", "", str(run["sent"]))
    table.add_row("Refused", "", str(run["refused"]))
    for refusal in run["refusals"]:
        table.add_row("", messages[refusal["reason"]], str(refusal["count"]))
    table.add_row("Failed", "", str(run["failed"]))
    table.add_row("Unknown", "", str(run["unknown"]))
    return table
