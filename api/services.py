"""The services of one API process: opened before it serves, and closed afterwards."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from starlette.types import Scope

from api.admission import Admission
from api.documents import Documents
from api.exports import AuditExport
from api.health import Health
from api.known_tokens import KnownTokens
from api.receipts import TwilioReceipts
from api.replies import TwilioReplies
from api.settings import ApiSettings, OidcSettings
from api.streams import Streams
from api.viewers import Viewers
from core.settings import DatabaseSettings
from db.audit_buffer import AuditBuffer
from db.change_feed import ChangeFeed
from db.pool import Reads, open_pool, open_reads
from db.types import Pool
from schema.context import Access, Context, Resources
from workers.queue import Queue
from workers.settings import GatewaySettings, QueueSettings

if TYPE_CHECKING:
    from api.oidc import Oidc


@dataclass(frozen=True, slots=True)
class Services:
    """What the endpoints of a process share."""

    documents: Documents
    viewers: Viewers
    admission: Admission
    streams: Streams
    context: Callable[..., Context]
    """Makes the context of one operation."""
    audit_export: AuditExport
    receipts: TwilioReceipts
    replies: TwilioReplies
    health: Health


class Pools(NamedTuple):
    """A process's connection pools, one for each kind of work, so that none holds up another."""

    changes: Pool
    posts: Pool
    """For the gateway's posts and /healthz."""
    previews: Pool
    reads: Reads


def services_of(scope: Scope) -> Services:
    """Return the services of the process that a request came to."""
    services: Services = scope["state"]["services"]
    return services


@asynccontextmanager
async def open_services(
    settings: ApiSettings, oidc: OidcSettings, access: Access, documents: Documents
) -> AsyncIterator[Services]:
    """Open the connections that the settings name, and yield the services that use them."""
    database, gateway = DatabaseSettings(), GatewaySettings()
    valkey_url = QueueSettings().valkey_url.get_secret_value()
    async with AsyncExitStack() as opened:
        pools = await _open_pools(database)
        for pool in pools:
            opened.push_async_callback(pool.close)
        audit_buffer = AuditBuffer(pools.changes)
        audit_buffer.start()
        opened.push_async_callback(audit_buffer.close)
        change_feed = ChangeFeed(database.database_url.get_secret_value())
        opened.push_async_callback(change_feed.close)
        admission = Admission(valkey_url, settings.rate)
        opened.push_async_callback(admission.close)
        known = KnownTokens(valkey_url)
        opened.push_async_callback(known.close)
        queue = Queue(valkey_url)
        opened.push_async_callback(queue.close)
        viewers = Viewers(
            pools.reads,
            pools.changes,
            audit_buffer,
            _provider_of(oidc),
            known,
            staff_tokens=access.staff_tokens,
        )
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
        yield Services(
            documents=documents,
            viewers=viewers,
            admission=admission,
            streams=Streams(viewers, admission),
            context=partial(Context, resources),
            audit_export=AuditExport(pools.changes, admission, viewers, audit_buffer),
            receipts=TwilioReceipts(pools.posts, gateway),
            replies=TwilioReplies(pools.posts, gateway),
            health=Health(pools.posts, queue),
        )


def _provider_of(settings: OidcSettings) -> "Oidc | None":
    if not settings.oidc_issuer:
        return None
    from api.oidc import Oidc  # noqa: PLC0415 - a tenth of a start, for an HTTP client

    return Oidc(settings)


async def _open_pools(settings: DatabaseSettings) -> Pools:
    url, connections = settings.database_url.get_secret_value(), settings.database_connections
    quarter, sixth = connections // 4, max(1, connections // 6)
    rest = connections - 2 * quarter - sixth - 1  # one is the change feed's
    return Pools(
        await open_pool(url, name="api", connections=quarter),
        await open_pool(url, name="api gateway", connections=quarter),
        await open_pool(url, name="api previews", connections=sixth),
        await open_reads(url, name="api reads", connections=rest),
    )
