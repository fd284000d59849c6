"""The HTTP application: its routes and the resources that it opens."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import anyio.lowlevel
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api.assets import Assets
from api.compression import Compression
from api.graphql import GraphQLEndpoint
from api.http_guard import ASSETS, HttpGuard
from api.manifests import documents_of
from api.metering import task_of
from api.problems import error_response, failed
from api.services import open_services, services_of
from api.serving import SWITCH_SECONDS, release_memory
from api.settings import ApiSettings, OidcSettings
from api.sockets import GraphQLSockets
from api.uvicorn_patches import quiet_uvicorn
from core.logging import log_discreetly
from core.settings import Environment
from schema.build import Policy, make
from schema.context import Access
from schema.limits import Limits
from schema.strawberry_patches import quiet_strawberry

GRAPHQL, HEALTH = "/graphql", "/healthz"
PORTAL = Path(__file__).parents[1] / "portal" / "dist"
PORTAL_ASSETS = PORTAL / "assets"
PORTAL_PATHS = (
    *("/", "/today", "/recalls", "/recalls/{_}", "/runs", "/runs/{_}", "/blocked"),
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


def make_app() -> ASGIApp:
    """Return the application that the settings in the environment describe."""
    oidc = OidcSettings()
    settings = ApiSettings()
    access = access_of(settings, oidc)
    policy = policy_of(settings)
    documents = documents_of(settings)
    executable = make(policy, documents.texts)
    secure = settings.environment is Environment.PRODUCTION
    sign_in = _sign_in_of(oidc, access, links=policy.open)
    quiet_uvicorn()
    quiet_strawberry()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        log_discreetly()
        await anyio.lowlevel.checkpoint()  # loads what it would load for the first request
        if secure:
            sys.setswitchinterval(SWITCH_SECONDS)
            release_memory()
            gc.freeze()  # everything so far stays, and each collection would scan it for 50 ms
        asyncio.get_running_loop().set_task_factory(cast("Any", task_of))
        async with open_services(settings, oidc, access, documents) as services:
            yield {"services": services}

    async def portal_sign_in(_request: Request) -> Response:
        return JSONResponse(sign_in)

    graphql = GraphQLEndpoint(executable, open=policy.open)
    sockets = GraphQLSockets(executable.schema, origins=settings.origins_allowed)
    app = Starlette(
        routes=[
            WebSocketRoute(GRAPHQL, sockets),
            Route("/receipts/twilio", _receipts, methods=["POST"]),
            Route("/replies/twilio", _replies, methods=["POST"]),
            Route("/exports/audit", _Audit(), methods=["POST"]),
            Route("/sign-in.json", portal_sign_in),
            Route(HEALTH, _health),
            # Only this part of the build: its manifest and its pages aren't served as files.
            *([Mount(ASSETS, Assets(directory=PORTAL_ASSETS))] if PORTAL_ASSETS.exists() else []),
            *(Route(path, _portal) for path in PORTAL_PATHS),
        ],
        middleware=[Middleware(Compression)],
        exception_handlers={HTTPException: _http_error, Exception: _failed},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would redirect to whatever Host says

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        # Operations take no detour by routes and middleware: those cost a tenth of a page's time.
        operation = scope["type"] == "http" and scope["path"] == GRAPHQL
        await (graphql if operation else app)(scope, receive, send)

    provider = urlsplit(oidc.oidc_issuer)
    return HttpGuard(
        route,
        operations=GRAPHQL,
        health=HEALTH,
        hosts=settings.hosts_allowed,
        connect=[f"{provider.scheme}://{provider.netloc}"] if provider.netloc else [],
        secure=secure,
    )


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these only
    return error_response(error)


async def _failed(_request: Request, _error: Exception) -> Response:
    return failed()


async def _health(request: Request) -> Response:
    parts = await services_of(request.scope).health()
    # Without Valkey, reads work and runs are accepted; they are only sent later.
    return JSONResponse(parts, status_code=200 if parts["database"] else 503)


async def _receipts(request: Request) -> Response:
    return await services_of(request.scope).receipts(request)


async def _replies(request: Request) -> Response:
    return await services_of(request.scope).replies(request)


class _Audit:
    """An ASGI application, because the answer is made while it is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await services_of(scope).audit_export(scope, receive, send)


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


async def _portal(_request: Request) -> Response:
    page = PORTAL / "index.html"
    if not page.exists():
        raise HTTPException(404, "The portal isn't built: make demo, or npm run build in portal/.")
    return FileResponse(page)
