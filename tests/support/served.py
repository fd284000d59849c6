"""All of Recalls for a test to talk to: the API over HTTP and WebSocket, worker, gateway."""

import asyncio
import json
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import uvicorn
from arq.constants import default_queue_name
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from api import admission
from api.app import make_app
from api.serving import OPTIONS
from api.settings import ApiSettings
from core.identity import Role
from db import audit_buffer as notes
from db.tokens import create_token
from db.types import Pool
from dev.listening import a_listener
from dev.servers.running import ServerUrls, as_application
from tests.support.practice import Practice
from tests.support.simulated import get, simulator, until
from workers.gateway.twilio_signature import sign
from workers.jobs import make_worker, resources

GATEWAY_TOKEN = "token"


class Served:
    """The running API with a simulator as its gateway; requests are made as ``practice``."""

    def __init__(
        self,
        url: str,
        http: aiohttp.ClientSession,
        gateway: aiohttp.ClientSession,
        practice: Practice,
        valkey_url: str,
    ) -> None:
        self.url = url
        self._valkey_url = valkey_url
        self.http = http
        self.gateway = gateway
        self.practice = practice
        self.tokens: dict[Role, str] = {}

    @property
    def admin(self) -> str:
        return self.tokens[Role.ADMIN]

    async def ask(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        operation: str | None = None,
    ) -> dict[str, Any]:
        """Return the whole answer, as an admin unless another ``token`` is given."""
        headers = {"Authorization": f"Bearer {token or self.admin}"}
        body = {"query": document, "variables": variables, "operationName": operation}
        async with self.http.post("/graphql", json=body, headers=headers) as answer:
            content: dict[str, Any] = await answer.json()
            return content

    async def query(
        self, document: str, variables: dict[str, Any] | None = None, *, token: str | None = None
    ) -> Any:
        """Return the value of a document's only root field, which must not fail."""
        answer = await self.ask(document, variables, token=token)
        assert "errors" not in answer, answer["errors"]
        [value] = answer["data"].values()
        return value

    async def call(self, document: str, *, token: str | None = None, **arguments: Any) -> Any:
        """Call a mutation with its input's fields; return its result."""
        return await self.query(document, {"input": arguments}, token=token)

    async def errors(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        operation: str | None = None,
    ) -> list[tuple[str, str]]:
        """Return each error's code and message."""
        answer = await self.ask(document, variables, token=token, operation=operation)
        return [(e["extensions"]["code"], e["message"]) for e in answer.get("errors", [])]

    async def holds_run_out(self) -> None:
        """End the hold of every held run, and make the jobs that wake the worker due as well."""
        await self.practice.pool.execute("update runs set held_until = now()")
        await self.practice.pool.execute("update chunks set not_before = now()")
        async with Redis.from_url(self._valkey_url) as valkey:
            for job in await valkey.zrange(default_queue_name, 0, -1):
                await valkey.zadd(default_queue_name, {job: 1}, xx=True)  # arq takes 0 for no job

    async def work(self) -> None:
        """Run the worker until nothing is queued for it."""
        async with resources() as context:
            worker = make_worker(context, burst=True)
            try:
                await worker.async_run()
            finally:
                await worker.close()

    async def got(self, mobile: str) -> list[dict[str, Any]]:
        """Return the gateway's messages to the number, newest first."""
        found: list[dict[str, Any]] = await get(
            self.gateway, f"/messages?to={mobile.replace('+', '%2B')}"
        )
        return found

    async def misbehave(self, **settings: Any) -> None:
        """Change how the gateway behaves."""
        async with self.gateway.put("/settings", json=settings, raise_for_status=True):
            return

    async def receipt(self, reference: str, token: str = GATEWAY_TOKEN, **form: str) -> int:
        """Post a receipt, signed with the token as Twilio does; return the answer's status."""
        url = f"{self.url}/receipts/twilio?reference={reference}"
        headers = {"X-Twilio-Signature": sign(token, url, form)}
        async with self.http.post(url, data=form, headers=headers) as answer:
            return answer.status

    async def reply(
        self, mobile: str, text: str, token: str = GATEWAY_TOKEN, *, message: str | None = None
    ) -> int:
        """Post a patient's reply, signed as Twilio does; return the answer's status.

        ``message`` is the gateway's id for the reply, by default a new one.
        """
        url = f"{self.url}/replies/twilio"
        form = {
            "MessageSid": message or f"SM{secrets.token_hex(16)}",
            "From": mobile,
            "To": "+61400000000",
            "Body": text,
        }
        headers = {"X-Twilio-Signature": sign(token, url, form)}
        async with self.http.post(url, data=form, headers=headers) as answer:
            return answer.status

    @asynccontextmanager
    async def again(self, **settings: str) -> AsyncIterator["Served"]:
        """Serve a second API, with the environment's settings and these."""
        with pytest.MonkeyPatch.context() as environment:
            for name, value in settings.items():
                environment.setenv(f"RECALLS_{name}", value)
            listener = a_listener()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with serving(listener), aiohttp.ClientSession(url) as http:
                other = Served(url, http, self.gateway, self.practice, self._valkey_url)
                other.tokens = self.tokens
                yield other

    async def until_states(self, recall_id: int, *states: str, seconds: float = 5) -> None:
        """Wait until the recall's attempts are in these states, oldest first."""

        async def reached() -> bool:
            return await self.practice.attempt_states(recall_id) == list(states)

        await until(reached, seconds)

    @asynccontextmanager
    async def socket(
        self,
        payload: Any,
        *,
        greet: bool = True,
        protocol: str = "graphql-transport-ws",
        origin: str | None = None,
    ) -> AsyncIterator[ClientConnection]:
        """Connect a WebSocket, and send its ``connection_init`` unless ``greet`` is false."""
        url = f"{self.url}/graphql".replace("http", "ws")
        from_page = None if origin is None else Origin(origin)
        async with connect(url, subprotocols=[Subprotocol(protocol)], origin=from_page) as opened:
            if greet:
                await opened.send(json.dumps({"type": "connection_init", "payload": payload}))
            yield opened

    @asynccontextmanager
    async def events(
        self, document: str, variables: dict[str, Any] | None = None, *, token: str | None = None
    ) -> AsyncIterator["Events"]:
        """Request an operation's results as server-sent events."""
        headers = {"Authorization": f"Bearer {token or self.admin}", "Accept": "text/event-stream"}
        body = {"query": document, "variables": variables}
        async with self.http.post("/graphql", json=body, headers=headers) as answer:
            yield Events(answer)

    @asynccontextmanager
    async def operations(self, token: str | None = None) -> AsyncIterator["Operations"]:
        """Connect a WebSocket to run operations over."""
        async with self.socket({"authorization": f"Bearer {token or self.admin}"}) as opened:
            assert json.loads(await opened.recv())["type"] == "connection_ack"
            yield Operations(opened)


class Events:
    """An answer that must be a stream of events."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer
        self.stream = self._stream()
        """Each event's name and data; comments are named ``:``, with their text."""

    async def _stream(self) -> AsyncIterator[tuple[str, Any]]:
        assert self.answer.content_type == "text/event-stream"
        event = ""
        async for line in self.answer.content:
            field, _, value = line.decode().strip().partition(": ")
            if field == "" and value:
                yield ":", value
            elif field == "event":
                event = value
            elif field.startswith("data"):
                yield event, json.loads(value or "null")


class Operations:
    """Operations over one WebSocket, one at a time."""

    def __init__(self, opened: ClientConnection) -> None:
        self._socket = opened
        self._last = 0

    async def run(
        self, document: str, variables: dict[str, Any] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield each message's payload (``data`` or ``errors``) until the operation is complete."""
        self._last += 1
        payload = {"query": document, "variables": variables}
        await self._socket.send(
            json.dumps({"type": "subscribe", "id": str(self._last), "payload": payload})
        )
        while True:
            message = json.loads(await self._socket.recv())
            if message["type"] == "error":
                yield {"errors": message["payload"]}
            if message["type"] != "next":
                return
            yield message["payload"]

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()

    async def all(
        self, document: str, variables: dict[str, Any] | None = None, seconds: float = 10
    ) -> Sequence[dict[str, Any]]:
        """Return the payloads of an operation that ends within ``seconds``."""
        async with asyncio.timeout(seconds):
            return [payload async for payload in self.run(document, variables)]


@pytest.fixture
async def served(
    servers: ServerUrls,
    database_url: str,
    pool: Pool,
    practice: Practice,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Served]:
    """The practice's API, with a token for each role, and a gateway that takes everything."""
    async with Redis.from_url(servers.valkey_url) as valkey:
        await valkey.flushdb()  # the previous test's jobs
    # The audit buffer is written out when a test asks for it, otherwise at the end.
    monkeypatch.setattr(notes, "WRITE_SECONDS", 3600.0)
    # The test shares the event loop, and other tests the processor, so clients don't have to wait
    # for their share of it, except in test_admission and in the siege.
    monkeypatch.setattr(admission, "BURST_SECONDS", 60.0)
    listener = a_listener()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with simulator(replies_url=f"{url}/replies/twilio") as gateway:
        settings = {
            "DATABASE_URL": as_application(database_url),
            "VALKEY_URL": servers.valkey_url,
            "GATEWAY_URL": str(gateway._base_url).rstrip("/"),
            "GATEWAY_ACCOUNT": "AC1",
            "GATEWAY_TOKEN": GATEWAY_TOKEN,
            "GATEWAY_SENDER": "+61400000000",
            "GATEWAY_CONNECTIONS": "8",
            "RECEIPTS_URL": f"{url}/receipts/twilio",
            "REPLIES_URL": f"{url}/replies/twilio",
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"RECALLS_{name}", value)
        async with serving(listener), aiohttp.ClientSession(url) as http:
            served = Served(url, http, gateway, practice, servers.valkey_url)
            for role in Role:
                served.tokens[role] = await create_token(pool, practice.id, role.title(), role)
            yield served


@pytest.fixture
def noting(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The API, with an audit buffer that is written out at once."""
    monkeypatch.setattr(notes, "WRITE_SECONDS", 0.01)
    return served


@pytest.fixture
async def production(served: Served) -> AsyncIterator[Served]:
    """A second API, set up as in production, with a gateway that isn't called here."""
    async with served.again(
        ENVIRONMENT="production",
        OTHER_DOCUMENTS="allow",
        TRUSTED_PROXIES="none",
        GATEWAY_URL="https://gateway.example",
        GATEWAY_TOKEN=secrets.token_hex(16),
        RECEIPTS_URL="https://recalls.example/receipts/twilio",
        REPLIES_URL="https://recalls.example/replies/twilio",
    ) as other:
        yield other


@asynccontextmanager
async def serving(listener: socket.socket, app: Any = make_app) -> AsyncIterator[None]:
    """Serve ``app``'s application on the socket: the API, with the environment's settings."""
    config = uvicorn.Config(
        app,
        factory=True,
        log_config=None,
        timeout_graceful_shutdown=2,
        forwarded_allow_ips=ApiSettings().proxies,
        **OPTIONS,
    )
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    # Not serve(), which takes over pytest's signals and checks only now and then whether to stop.
    await server.startup(sockets=[listener])
    try:
        yield
    finally:
        await server.shutdown(sockets=[listener])


class Server(uvicorn.Server):
    """uvicorn's server, but stopping as soon as it can, without checks every 0.1 seconds."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Close the listeners, then the connections, then end the application."""
        # Let a connection in the making finish first: asyncio would leave it open forever.
        for server in self.servers:
            for listening in server.sockets:
                asyncio.get_running_loop().remove_reader(listening)
        await asyncio.sleep(0.001)
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while self.server_state.connections or self.server_state.tasks:
                    await asyncio.sleep(0.001)
        except TimeoutError:
            for task in self.server_state.tasks:
                task.cancel()
        await self.lifespan.shutdown()
