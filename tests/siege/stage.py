"""The target of the siege: the shipped process on a database of its own, one for each attack."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
from redis.asyncio import Redis

from api.documents import sha256
from db.migrate import migrate
from db.pool import open_owner_pool
from dev.servers.running import ServerUrls, as_application, running_servers
from tests.siege.attack import On
from tests.siege.data import besieged
from tests.siege.facts import AUDIENCE, OURS, READ, REPLIES_URL, Facts
from tests.siege.scheduling import prefer
from tests.siege.wire import HOST, Line, operation
from tests.support.databases import a_database
from tests.support.identity_provider import CLIENT, Provider, provider
from tests.support.servers import administer, on_database
from tests.torture.programs import Program, free_port
from tests.torture.stage import answers

TEMPLATE = "siege"
GATEWAY_TOKEN = sha256("siege")[:32]
BUDGET_SECONDS = 15
"""No budget stays used up for longer."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Servers, the databases' template, and the facts about it."""

    servers: ServerUrls
    facts: Facts
    directory: Path
    """For logs and for the processes' facts."""
    provider: Provider

    @asynccontextmanager
    async def served(
        self, on: On, module: str = "api", **settings: str
    ) -> AsyncIterator[tuple[Program, Facts]]:
        """Serve a copy of the template; yield the process and the facts about it."""
        options = f"template {TEMPLATE} strategy file_copy"
        async with (
            a_database(self.servers, options) as url,
            self._serving(url, on, module, settings) as found,
        ):
            yield found

    async def introduce(self) -> None:
        """Have a process let in the tokens that later ones must know."""
        url = on_database(self.servers.database_url, TEMPLATE)
        async with self._serving(url, On.SHIPPED, "api", {}) as (_, facts):
            line = Line(facts.port)
            for token in facts.other.known:
                answer = await line.ask(operation(token, READ))
                assert answer.status == 200, answer.body
            line.close()

    async def forget_budgets(self) -> None:
        """Delete what would expire in Valkey within seconds: the budget that an attacker used."""
        async with Redis.from_url(self.servers.valkey_url) as valkey:
            async for key in valkey.scan_iter():
                if 0 < await valkey.pttl(key) < BUDGET_SECONDS * 1000:
                    await valkey.delete(key)

    @asynccontextmanager
    async def _serving(
        self, url: str, on: On, module: str, more: Mapping[str, str]
    ) -> AsyncIterator[tuple[Program, Facts]]:
        token, issuer = GATEWAY_TOKEN, self.provider.issuer
        facts = replace(self.facts, port=free_port(), gateway_token=token, issuer=issuer)
        env = {**os.environ, **self._settings(on, facts, url), **more}
        program = Program("api", module, "serve", env=env, logs=self.directory)
        program.log.unlink(missing_ok=True)
        await program.start()
        try:
            prefer(program.pid)
            async with aiohttp.ClientSession(f"http://{HOST}:{facts.port}") as http:
                await answers(http, "/healthz")
            yield program, facts
        finally:
            await program.kill()

    def _settings(self, on: On, facts: Facts, database_url: str) -> dict[str, str]:
        manifest = self.directory / "documents.json"
        manifest.write_text(json.dumps({sha256(text): text for text in OURS}))
        settings = {
            "ENVIRONMENT": "production",
            "PORT": f"{facts.port}",
            "DATABASE_URL": as_application(database_url),
            "VALKEY_URL": self.servers.valkey_url,
            "TRUSTED_DOCUMENTS": str(manifest),
            "TRUSTED_PROXIES": HOST,
            "GATEWAY_URL": "https://gateway.example",
            "GATEWAY_ACCOUNT": "AC1",
            "GATEWAY_TOKEN": facts.gateway_token,
            "GATEWAY_SENDER": "+61400000000",
            "RECEIPTS_URL": REPLIES_URL.replace("replies", "receipts"),
            "REPLIES_URL": REPLIES_URL,
        }
        if on is On.OTHER_DOCUMENTS:
            settings["OTHER_DOCUMENTS"] = "allow"
        if on is On.PROVIDER:
            # The provider has no TLS, which production insists on.
            settings |= {"ENVIRONMENT": "development", "OTHER_DOCUMENTS": "allow"}
            settings |= {"OIDC_ISSUER": facts.issuer, "OIDC_AUDIENCE": AUDIENCE}
            settings |= {"OIDC_CLIENT_ID": CLIENT}
        return {f"RECALLS_{name}": value for name, value in settings.items()}


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Run the servers and the provider, and create the template."""
    with _directory() as directory, running_servers(directory, fast=True) as servers:
        prefer(int((directory / "postgres" / "postmaster.pid").read_text().split()[0]))
        await administer(servers.database_url, f"create database {TEMPLATE}")
        url = on_database(servers.database_url, TEMPLATE)
        await asyncio.to_thread(migrate, url)
        async with await open_owner_pool(url, name="siege") as pool:
            facts = await besieged(pool)
        async with provider() as signing:
            stage = Stage(servers, facts, directory, signing)
            await stage.introduce()
            yield stage


@contextmanager
def _directory() -> Iterator[Path]:
    """Open a temporary directory, in memory if the machine has one there."""
    memory = Path("/dev/shm")  # noqa: S108
    in_memory = str(memory) if memory.is_dir() else None
    directory = Path(tempfile.mkdtemp(prefix="recalls-siege-", dir=in_memory))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
