"""The servers compared, each on one database, and how each is asked for a page."""

import asyncio
import base64
import json
import os
import secrets
import ssl
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.databases import Databases
from bench.gateway import HOST, free_port
from bench.reading.data import make_tokens
from bench.reading.pages import Question
from bench.reading.programs import TLS_HOST, build_native, build_tls_proxy
from bench.stage import settings
from bench.waiting import BenchError, command, until
from db.pool import READ_SETTINGS
from db.types import Pool
from dev.servers.certificate import make_certificate
from dev.servers.guard import Guarded

NPM = Path(__file__).parents[2] / "portal" / "npm"
PEERS = Path(__file__).parents[1] / "peers"
CONNECTIONS = 10
"""Connections to PostgreSQL that each server may hold."""
START_SECONDS = 60
"""How long a server may take to start: some are of several processes, on few cores."""
GATEWAY_URL = "https://gateway.invalid"
"""Nothing is sent, but production accepts no local URL."""
RECEIPTS_URL = "https://recalls.invalid/receipts/twilio"
"""Nothing arrives there, but production accepts only https."""

_SMS_STATUS = "smsStatus { blocked reason overridable message }"
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"
_PAGE = f"""{{
    edges {{ cursor node {{
      id reason urgency dueDate category {{ id name }}
      patient {{ id firstName lastName mobile }} {_SMS_STATUS} }} }}
    {_PAGE_INFO} }}"""
OURS = f"""query Recalls($first: Int!, $after: String, $filter: RecallFilter) {{
  recalls(first: $first, after: $after, filter: $filter) {_PAGE} }}"""
OF_PRACTICE = f"""query Recalls(
  $practice: Int!, $first: Int!, $after: String, $filter: RecallFilter
) {{
  recalls(practice: $practice, first: $first, after: $after, filter: $filter) {_PAGE} }}"""
POSTGRAPHILE = f"""query Recalls(
  $practice: Int!, $first: Int!, $after: Cursor, $dueFrom: String
) {{
  recalls: allRecalls(
    condition: {{ practiceId: $practice, dueFrom: $dueFrom }}
    orderBy: [DUE_DATE_ASC, PRIMARY_KEY_ASC], first: $first, after: $after
  ) {{
    edges {{ cursor node {{
      id: nameOf reason urgency dueDate category {{ id: nameOf name }}
      patient {{ id: nameOf firstName lastName mobile }} {_SMS_STATUS} }} }}
    {_PAGE_INFO} }} }}"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered."""

    status: int
    body: bytes

    def page(self) -> dict[str, Any]:
        """Return the page; raises BenchError if the reply holds anything else."""
        try:
            found = json.loads(self.body)
            if self.status == 200 and set(found) == {"data"}:  # noqa: PLR2004
                page: dict[str, Any] = found["data"]["recalls"]
                return page
        except (ValueError, KeyError, TypeError):
            pass
        raise BenchError(f"a reply holds no page: {self.status} {self.body[:500]!r}")


class Server:
    """A running server; ``document`` is what it is asked, which the limit doesn't read."""

    path = "/graphql"
    own_cursors = False
    """Whether it spells cursors in its own way."""
    tls: ssl.SSLContext | None = None
    """What trusts its certificate, if it is asked over TLS."""

    def __init__(self, name: str, port: int, document: str) -> None:
        self.name = name
        self.port = port
        self._document = document

    def variables(self, question: Question) -> dict[str, Any]:
        """Return the variables that ask for the page."""
        return {
            "practice": question.practice,
            "first": question.first,
            "after": question.cursor,
            "filter": None,
        }

    def headers(self, question: Question) -> dict[str, str]:  # noqa: ARG002
        """Return the headers that it needs beyond the common ones."""
        return {}

    def request(self, question: Question) -> bytes:
        """Return the whole HTTP request for the page."""
        content = {"query": self._document, "variables": self.variables(question)}
        body = json.dumps(content, separators=(",", ":")).encode()
        headers = {
            "Host": f"{HOST}:{self.port}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **self.headers(question),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self.path} HTTP/1.1\r\n{head}\r\n".encode() + body

    async def fetch(self, question: Question) -> Reply:
        """Ask for the page, on a connection of its own."""
        reader, writer = await asyncio.open_connection(
            HOST, self.port, ssl=self.tls, server_hostname=TLS_HOST if self.tls else None
        )
        try:
            writer.write(self.request(question))
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            _, told, after = head.partition("content-length:")
            if not told:
                raise BenchError(f"{self.name} doesn't say how long its reply is: {head}")
            return Reply(int(head.split()[1]), await reader.readexactly(int(after.split()[0])))
        finally:
            writer.close()


class Ours(Server):
    """``python -m api serve``, asked with a token of the practice."""

    def __init__(self, port: int, tokens: Mapping[int, str], *, name: str = "ours") -> None:
        super().__init__(name, port, OURS)
        self._tokens = tokens

    def variables(self, question: Question) -> dict[str, Any]:
        """Return the variables; the token names the practice."""
        only = None if question.blocked is None else {"blocked": question.blocked}
        return {"first": question.first, "after": question.cursor, "filter": only}

    def headers(self, question: Question) -> dict[str, str]:
        """Return the header with the token."""
        return {"Authorization": f"Bearer {self._tokens[question.practice]}"}


class PostGraphile(Server):
    """PostGraphile, whose cursor holds a mark of the order and the values that are ordered by."""

    own_cursors = True

    def __init__(self, port: int) -> None:
        super().__init__("PostGraphile, generic plans", port, POSTGRAPHILE)
        self._mark: str | None = None

    def variables(self, question: Question) -> dict[str, Any]:
        """Return the variables, with the cursor in its spelling."""
        variables = {"practice": question.practice, "first": question.first}
        if question.after is None:
            return {**variables, "after": None, "dueFrom": None}
        due, key = question.after
        place = json.dumps([self._mark, due.isoformat(), question.practice, str(key)])
        after = base64.b64encode(place.encode()).decode()
        return {**variables, "after": after, "dueFrom": due.isoformat()}

    async def learn_cursors(self) -> None:
        """Find out how it marks the order that we ask for."""
        page = (await self.fetch(Question(practice=1, first=1))).page()
        self._mark = json.loads(base64.b64decode(page["pageInfo"]["endCursor"]))[0]


class Servers:
    """Starts servers; they run until ``stack`` closes."""

    def __init__(self, databases: Databases, stack: AsyncExitStack) -> None:
        self._databases = databases
        self._stack = stack

    async def ours(self, database: str, pool: Pool, *, processes: int = 1) -> Server:
        """Start the API that we ship."""
        server = Ours(free_port(), await make_tokens(pool))
        command_ = (sys.executable, "-m", "api", "serve")
        return await self._start(server, database, *command_, processes=processes)

    async def unbound(self, database: str, pool: Pool) -> Server:
        """Start the API that we ship, without row-level security."""
        server = Ours(free_port(), await make_tokens(pool), name="ours, unbound")
        return await self._start(server, database, sys.executable, "-m", "bench.peers.unbound")

    async def limit(self, database: str, *, processes: int = 1) -> Server:
        """Start the limit."""
        server = Server("the limit", free_port(), OF_PRACTICE)
        command_ = (sys.executable, "-m", "bench.peers.limit")
        return await self._start(server, database, *command_, processes=processes)

    async def native(self, database: str) -> Server:
        """Start the native server, with PostgreSQL's settings that the limit has."""
        server = Server("a native server (C)", free_port(), OF_PRACTICE)
        program = await build_native(self._databases.directory)
        options = " ".join(f"-c {name}={value}" for name, value in READ_SETTINGS.items())
        command_ = (str(program), str(PEERS / "page.sql"))
        return await self._start(server, database, *command_, PGOPTIONS=options)

    async def tuned_strawberry(self, database: str) -> Server:
        """Start tuned Strawberry."""
        module = "bench.peers.tuned_strawberry"
        server = Server("tuned Strawberry", free_port(), OF_PRACTICE)
        return await self._start(server, database, sys.executable, "-m", module)

    async def mercurius(self, database: str) -> Server:
        """Start Mercurius."""
        server = Server("Mercurius + JIT", free_port(), OF_PRACTICE)
        return await self._start(server, database, *await _npm_start("mercurius"))

    async def postgraphile(self, database: str) -> Server:
        """Start PostGraphile."""
        server = PostGraphile(free_port())
        await self._start(server, database, *await _npm_start("postgraphile"))
        await server.learn_cursors()
        return server

    async def behind_tls(self, database: str, *servers: Server) -> list[Server]:
        """Start a TLS proxy in front of each running server; return them as clients see them."""
        directory = self._databases.directory
        program = await build_tls_proxy(directory)
        certificate, key = make_certificate(directory, TLS_HOST)
        proxies = []
        for server in servers:
            proxy = copy(server)
            proxy.name = f"{server.name} over TLS"
            proxy.port = free_port()
            proxy.tls = ssl.create_default_context(cafile=certificate)
            command_ = (program, str(proxy.port), str(server.port), certificate, key)
            proxies.append(await self._start(proxy, database, *map(str, command_)))
        return proxies

    async def _start(
        self, server: Server, database: str, *command_: str, processes: int = 1, **more: str
    ) -> Server:
        """Start it, and wait until it answers with a page; ``more`` is added to its environment."""
        env = {
            **os.environ,
            **settings(self._databases, self._databases.database_url(database), GATEWAY_URL),
            "RECALLS_ENVIRONMENT": "production",
            "RECALLS_GATEWAY_TOKEN": secrets.token_hex(16),
            "RECALLS_RECEIPTS_URL": RECEIPTS_URL,
            # Whoever asks is the proxy, whose connections aren't counted as one client's.
            "RECALLS_TRUSTED_PROXIES": HOST,
            "RECALLS_RATE": "1000000",  # more than the one token that asks for everything uses
            "RECALLS_HOST": HOST,
            "RECALLS_PORT": str(server.port),
            "RECALLS_PROCESSES": str(processes),
            "RECALLS_DATABASE_CONNECTIONS": str(CONNECTIONS),
            "NODE_ENV": "production",
            "GRAPHILE_ENV": "production",
            **more,
        }
        log = self._databases.directory / f"{server.name} {database} {server.port}.log"
        process = await Guarded.start(server.name, command_, env=env, log=log)
        self._stack.push_async_callback(process.stop)

        async def answers() -> bool:
            if process.returncode is not None:
                raise BenchError(f"{server.name} has ended")
            try:
                (await server.fetch(Question(practice=1, first=1))).page()
            except (OSError, asyncio.IncompleteReadError, BenchError):
                return False
            return True

        await until(answers, START_SECONDS, f"a page of {server.name}")

        async def all_serve() -> bool:
            return log.read_text().count("Application startup complete") >= processes

        if processes > 1:
            await until(all_serve, START_SECONDS, f"{processes} processes of {server.name}")
        return server


async def _npm_start(peer: str) -> list[str]:
    """Return the command that starts the peer, once the packages in its lock file are installed."""
    folder = PEERS / peer
    npm = ["env", "NODE=wheel", str(NPM), "--prefix", str(folder)]
    lock, installed = folder / "package-lock.json", folder / "node_modules" / "installed"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        await command(*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        installed.write_bytes(lock.read_bytes())
    return [*npm, "start", "--silent"]
