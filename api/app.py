"""The HTTP application: its routes and the resources that it opens."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import anyio.lowlevel
import asyncpg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api.admission import Admission
from api.assets import Assets
from api.compiled_reads import CompiledReads, Compression
from api.documents import Documents
from api.exports import AuditExport
from api.graphql import GraphQLEndpoint
from api.http_guard import ASSETS, HttpGuard
from api.known_tokens import KnownTokens
from api.metering import task_of
from api.oidc import Oidc
from api.problems import error_response, failed
from api.receipts import TwilioReceipts
from api.replies import TwilioReplies
from api.settings import ApiSettings, OidcSettings
from api.uvicorn_patches import SWITCH_SECONDS, give_memory_back, quiet_warnings
from api.viewers import Viewers
from core.logging import log_discreetly
from core.settings import DatabaseSettings, Environment
from db.audit_buffer import AuditBuffer
from db.change_feed import ChangeFeed
from db.pool import Reads, open_pool, open_reads
from db.types import Pool
from schema.build import Policy, make
from schema.context import Access, Context, Resources
from schema.limits import Limits
from workers.queue import Queue
from workers.settings import GatewaySettings, QueueSettings

GRAPHQL, HEALTH = "/graphql", "/healthz"
HEALTH_SECONDS = 3.0
"""Seconds until /healthz reports a dependency as down, including the wait for a connection."""
CONNECTOR_DOCUMENTS = sorted((Path(__file__).parent / "connector").glob("*.graphql"))
"""A PMS connector's documents. The text is the id, so a new version goes beside the old one."""
PORTAL = Path(__file__).parents[1] / "portal" / "dist"
PORTAL_ASSETS = PORTAL / "assets"
PORTAL_DOCUMENTS = PORTAL / "documents.json"
PORTAL_PATHS = (
    *("/", "/recalls", "/recalls/{_}", "/runs", "/runs/{_}", "/blocked"),
    *("/sessions", "/setup", "/setup/{_:path}"),
)
"""Paths that serve the portal's single page; its script shows the view for the path."""


def policy_of(settings: ApiSettings) -> Policy:
    """Return the limits that clients are held to."""
    return Policy(
        Limits(seconds=settings.query_seconds),
        open=settings.environment is not Environment.PRODUCTION,
    )


def access_of(settings: ApiSettings, oidc: OidcSettings) -> Access:
    """Return how people may sign in, and for how long."""
    return Access(
        staff_tokens=oidc.staff_tokens == "allow",
        idle=timedelta(minutes=settings.session_idle),
        longest=timedelta(hours=settings.session_hours),
    )


def documents_of(settings: ApiSettings) -> Documents:
    """Return the documents that clients may run, our own first. Raises ``ManifestError``."""
    schema, _ = make(policy_of(settings))
    paths = [*CONNECTOR_DOCUMENTS, *([PORTAL_DOCUMENTS] if PORTAL_DOCUMENTS.exists() else [])]
    if settings.trusted_documents is not None:
        paths.append(settings.trusted_documents)
    return Documents.read(paths, schema._schema, others=settings.lets_others_in)


def make_app() -> ASGIApp:
    """Build the application from the settings in the environment."""
    database = DatabaseSettings()
    gateway = GatewaySettings()
    valkey_url = QueueSettings().valkey_url.get_secret_value()
    oidc = OidcSettings()
    settings = ApiSettings()
    access = access_of(settings, oidc)
    policy = policy_of(settings)
    schema, reads = make(policy)
    documents = documents_of(settings)
    secure = settings.environment is Environment.PRODUCTION
    quiet_warnings()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        log_discreetly()
        await anyio.lowlevel.checkpoint()  # imports now what the first request would
        if secure:
            sys.setswitchinterval(SWITCH_SECONDS)
            give_memory_back()
            gc.freeze()  # existing objects stay, and scanning them takes 50 ms each time
        asyncio.get_running_loop().set_task_factory(cast("Any", task_of))
        pools = await _open_pools(database)
        change_feed = ChangeFeed(database.database_url.get_secret_value())
        queue = Queue(valkey_url)
        audit_buffer = AuditBuffer(pools.changes)
        audit_buffer.start()
        good = KnownTokens(valkey_url)
        people = Oidc(oidc) if oidc.oidc_issuer else None
        app.state.viewers = Viewers(
            pools.reads, pools.changes, audit_buffer, people, good, staff_tokens=access.staff_tokens
        )
        app.state.admission = admission = Admission(valkey_url, settings.rate)
        resources = Resources(
            pools.changes,
            pools.previews,
            pools.reads,
            change_feed,
            queue,
            audit_buffer,
            admission.turn,
            access,
        )
        app.state.context = surroundings = partial(Context, resources)
        app.state.documents = documents
        app.state.graphql = GraphQLEndpoint(
            schema,
            documents,
            admission,
            app.state.viewers,
            surroundings,
            open=policy.open,
            origins=settings.origins_allowed,
        )
        app.state.receipts = TwilioReceipts(pools.posts, gateway)
        app.state.replies = TwilioReplies(pools.posts, gateway)
        app.state.audit = AuditExport(pools.changes, admission, app.state.viewers, audit_buffer)
        app.state.sign_in = _sign_in_of(oidc, access, links=policy.open)
        app.state.health = _Health(pools.posts, queue)
        yield
        await queue.close()
        await good.close()
        await admission.close()
        await change_feed.close()
        await audit_buffer.close()
        for each in reversed(pools):
            await each.close()

    app = Starlette(
        routes=[
            Route(GRAPHQL, _GraphQL()),
            WebSocketRoute(GRAPHQL, _GraphQL()),
            Route("/receipts/twilio", _receipts, methods=["POST"]),
            Route("/replies/twilio", _replies, methods=["POST"]),
            Route("/exports/audit", _Audit(), methods=["POST"]),
            Route("/sign-in.json", _sign_in),
            Route(HEALTH, _health),
            # Only this part of the build: its manifest and its pages aren't served as files.
            *([Mount(ASSETS, Assets(directory=PORTAL_ASSETS))] if PORTAL_ASSETS.exists() else []),
            *(Route(path, _portal) for path in PORTAL_PATHS),
        ],
        middleware=[Middleware(Compression)],
        exception_handlers={HTTPException: _told, Exception: _failed},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would redirect to whatever Host says
    provider = urlsplit(oidc.oidc_issuer)
    return HttpGuard(
        CompiledReads(app, reads, path=GRAPHQL),
        operations=GRAPHQL,
        health=HEALTH,
        hosts=settings.hosts_allowed,
        connect=[f"{provider.scheme}://{provider.netloc}"] if provider.netloc else [],
        secure=secure,
    )


class _Pools(NamedTuple):
    """A process's connection pools, one for each kind of work, so that none holds up another."""

    changes: Pool
    posts: Pool
    """For the gateway's posts and /healthz."""
    previews: Pool
    reads: Reads


async def _open_pools(settings: DatabaseSettings) -> _Pools:
    url, connections = settings.database_url.get_secret_value(), settings.database_connections
    quarter, sixth = connections // 4, max(1, connections // 6)
    rest = connections - 2 * quarter - sixth - 1  # one is the change feed's
    return _Pools(
        await open_pool(url, name="api", connections=quarter),
        await open_pool(url, name="api gateway", connections=quarter),
        await open_pool(url, name="api previews", connections=sixth),
        await open_reads(url, name="api reads", connections=rest),
    )


async def _told(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these only
    return error_response(error)


async def _failed(_request: Request, _error: Exception) -> Response:
    return failed()


class _GraphQL:
    """An ASGI application, because it takes WebSockets too; a function would be HTTP only."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["app"].state.graphql(scope, receive, send)


class _Health:
    """The health check of the API's dependencies."""

    def __init__(self, pool: Pool, queue: Queue) -> None:
        self._pool = pool
        self._queue = queue
        self._looking: asyncio.Task[dict[str, bool]] | None = None

    async def __call__(self) -> dict[str, bool]:
        """Return which dependencies answer. Concurrent calls share one check and its connection."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> dict[str, bool]:
        database, valkey = await asyncio.gather(
            _within(self._pool.fetchval("select true")), _within(self._queue.ping())
        )
        return {"database": database, "valkey": valkey}


async def _within(asking: Awaitable[bool]) -> bool:
    """Return the answer, or False if that fails or takes too long."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            return await asking
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False


async def _health(request: Request) -> Response:
    parts = await request.app.state.health()
    # Without Valkey, reads work and runs are accepted; they are only sent later.
    return JSONResponse(parts, status_code=200 if parts["database"] else 503)


async def _receipts(request: Request) -> Response:
    response: Response = await request.app.state.receipts(request)
    return response


async def _replies(request: Request) -> Response:
    response: Response = await request.app.state.replies(request)
    return response


class _Audit:
    """An ASGI application, because the answer is made while it is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["app"].state.audit(scope, receive, send)


def _sign_in_of(oidc: OidcSettings, access: Access, *, links: bool) -> dict[str, Any]:
    """Return what a page needs to sign people in and out; no issuer if there are only tokens.

    ``links``: whether a link that holds a token may sign somebody in.
    """
    return {
        "issuer": oidc.oidc_issuer or None,
        "clientId": oidc.oidc_client_id or None,
        "scope": oidc.oidc_scope,
        "tokens": access.staff_tokens,
        "links": links,
        "endSession": True,
        "idleSeconds": int(access.idle.total_seconds()),
    }


async def _sign_in(request: Request) -> Response:
    return JSONResponse(request.app.state.sign_in)


async def _portal(_request: Request) -> Response:
    page = PORTAL / "index.html"
    if not page.exists():
        raise HTTPException(404, "The portal isn't built: make demo, or npm run build in portal/.")
    return FileResponse(page)
