"""The HTTP application: which path leads where."""

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
"""Seconds after which what /healthz asks is taken to be down; getting a connection counts."""
CONNECTOR_DOCUMENTS = sorted((Path(__file__).parent / "connector").glob("*.graphql"))
"""What a PMS connector asks for. They are named by their text: a new one goes beside the old."""
PORTAL = Path(__file__).parents[1] / "portal" / "dist"
PORTAL_ASSETS = PORTAL / "assets"
PORTAL_DOCUMENTS = PORTAL / "documents.json"
PORTAL_PATHS = (
    *("/", "/recalls", "/recalls/{_}", "/runs", "/runs/{_}", "/blocked"),
    *("/sessions", "/setup", "/setup/{_:path}"),
)
"""Where the portal's one page is; its script shows what the path says."""


def policy_of(settings: ApiSettings) -> Policy:
    """Give what clients are kept within."""
    return Policy(
        Limits(seconds=settings.query_seconds),
        open=settings.environment is not Environment.PRODUCTION,
    )


def access_of(settings: ApiSettings, oidc: OidcSettings) -> Access:
    """Give how people get in."""
    return Access(
        staff_tokens=oidc.staff_tokens == "allow",
        idle=timedelta(minutes=settings.session_idle),
        longest=timedelta(hours=settings.session_hours),
    )


def documents_of(settings: ApiSettings) -> Documents:
    """Give the documents that clients may run, our own first; raises ``ManifestError``."""
    schema, _ = make(policy_of(settings))
    paths = [*CONNECTOR_DOCUMENTS, *([PORTAL_DOCUMENTS] if PORTAL_DOCUMENTS.exists() else [])]
    if settings.trusted_documents is not None:
        paths.append(settings.trusted_documents)
    return Documents.read(paths, schema._schema, others=settings.lets_others_in)


def make_app() -> ASGIApp:
    """Make the application that the settings in the environment describe."""
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
        await anyio.lowlevel.checkpoint()  # loads what it would load for the first request
        if secure:
            sys.setswitchinterval(SWITCH_SECONDS)
            give_memory_back()
            gc.freeze()  # what there is by now stays, and to look through it takes 50 ms each time
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
            # No more of the build than that: what operations there are, and pages, are not files.
            *([Mount(ASSETS, Assets(directory=PORTAL_ASSETS))] if PORTAL_ASSETS.exists() else []),
            *(Route(path, _portal) for path in PORTAL_PATHS),
        ],
        middleware=[Middleware(Compression)],
        exception_handlers={HTTPException: _told, Exception: _failed},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would send people to whatever Host says
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
    """The connections of a process; each kind has its own, so that none holds another up."""

    changes: Pool
    posts: Pool
    """For what the gateway posts, and for /healthz."""
    previews: Pool
    reads: Reads


async def _open_pools(settings: DatabaseSettings) -> _Pools:
    url, connections = settings.database_url.get_secret_value(), settings.database_connections
    quarter, sixth = connections // 4, max(1, connections // 6)
    rest = connections - 2 * quarter - sixth - 1  # which is the news's
    return _Pools(
        await open_pool(url, name="api", connections=quarter),
        await open_pool(url, name="api gateway", connections=quarter),
        await open_pool(url, name="api previews", connections=sixth),
        await open_reads(url, name="api reads", connections=rest),
    )


async def _told(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is told these alone
    return error_response(error)


async def _failed(_request: Request, _error: Exception) -> Response:
    return failed()


class _GraphQL:
    """An ASGI application, for it takes WebSockets as well; a function would be HTTP only."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["app"].state.graphql(scope, receive, send)


class _Health:
    """Tells whether what the API needs answers."""

    def __init__(self, pool: Pool, queue: Queue) -> None:
        self._pool = pool
        self._queue = queue
        self._looking: asyncio.Task[dict[str, bool]] | None = None

    async def __call__(self) -> dict[str, bool]:
        """Look, once for all who ask meanwhile: however many do, one connection is enough."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> dict[str, bool]:
        database, valkey = await asyncio.gather(
            _within(self._pool.fetchval("select true")), _within(self._queue.ping())
        )
        return {"database": database, "valkey": valkey}


async def _within(asking: Awaitable[bool]) -> bool:
    """Give what is answered; false where that fails or takes too long."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            return await asking
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False


async def _health(request: Request) -> Response:
    parts = await request.app.state.health()
    # Without Valkey runs are accepted and reads work; they are only sent later.
    return JSONResponse(parts, status_code=200 if parts["database"] else 503)


async def _receipts(request: Request) -> Response:
    response: Response = await request.app.state.receipts(request)
    return response


async def _replies(request: Request) -> Response:
    response: Response = await request.app.state.replies(request)
    return response


class _Audit:
    """As an application, for the answer is made while it is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["app"].state.audit(scope, receive, send)


def _sign_in_of(oidc: OidcSettings, access: Access, *, links: bool) -> dict[str, Any]:
    """Give what a page needs to sign somebody in, and out; no issuer where tokens alone let in.

    ``links``: whether a link with a token in it may sign somebody in.
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
        raise HTTPException(404, "The portal isn't built: run make demo, or npm run build there.")
    return FileResponse(page)
