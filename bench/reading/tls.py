"""What TLS in front of a server costs: ours with it and without, and ours beside two peers.

The API has no TLS of its own, so a proxy stands in front (docs/operating.md). Which one is the
host's choice, and a newcomer's machine may have none, so here it is bench/peers/tls_proxy.c, with
the machine's libssl: it only passes bytes on, which is the least that TLS can cost. The peers have
the same proxy, and every side is asked over TLS by the same program, so what is compared is alike;
the proxy and the asker's own TLS take their part of the same cores. Nothing is asked for: only
told.
"""

from bench.reading.comparing import AT_ONCE, SMALL_PAGE, Side, rate_line
from bench.reading.data import READ
from bench.reading.pages import questions
from bench.reading.programs import has_libssl
from bench.reading.rounds import Rounds
from bench.reading.servers import Servers
from bench.report import Line


async def with_tls(rounds: Rounds, servers: Servers, ours: Side) -> list[Line]:
    """Return the lines: rates of pages of 20, ours over TLS against each of the others."""
    if not has_libssl():
        return [Line("over TLS", "not measured: this machine has no libssl 3")]
    bare = [ours.server, await servers.limit(READ), await servers.mercurius(READ)]
    over_tls = await servers.behind_tls(READ, *bare)
    asked = await questions(ours.truth.pool, SMALL_PAGE)
    cells = [await rounds.cell(server, ours.truth, asked) for server in (*over_tls, ours.server)]
    mine, *others = await rounds.time(cells, connections=AT_ONCE)
    compared = (*(peer.name for peer in over_tls[1:]), "ours without")
    return [
        rate_line(f"page of {SMALL_PAGE} over TLS ÷ {name}", mine, figures)
        for name, figures in zip(compared, others, strict=True)
    ]
