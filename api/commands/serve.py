"""The command ``python -m api serve``, which serves the API."""

import click
import uvicorn

from api.commands.database import check, with_database
from api.manifests import ManifestError, documents_of
from api.serving import LOGGING, OPTIONS
from api.settings import ApiSettings, OidcSettings
from core.settings import DatabaseSettings, Environment
from db.tokens import demo_tokens_left
from workers.settings import GatewaySettings, QueueSettings


@click.command()
def serve() -> None:
    """Serve the API with RECALLS_PROCESSES processes, until SIGTERM or Ctrl-C."""
    check(ApiSettings, OidcSettings, DatabaseSettings, QueueSettings, GatewaySettings)
    settings = ApiSettings()
    try:
        documents_of(settings)
    except ManifestError as error:
        raise click.ClickException(f"Trusted documents: {error}") from None
    if with_database(demo_tokens_left) and settings.environment is Environment.PRODUCTION:
        raise click.ClickException(
            "This database has demo tokens, which are published in the demo's files. Revoke them"
            " ('token list' shows \"for_demo\": true), or start with an empty database."
        )
    uvicorn.run(
        "api.starting:make_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.processes,
        loop="uvloop",
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        log_config=LOGGING,
        timeout_graceful_shutdown=5,
        **OPTIONS,
    )
