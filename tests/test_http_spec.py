"""GraphQL over HTTP as its specification has it: the audits of graphql-http, and what they miss."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from tests.served import Served

ROOT = Path(__file__).parents[1]
AUDITS = ROOT / "tests" / "http_spec" / "audits.mjs"
INSTALLED = ROOT / "portal" / "node_modules" / "graphql-http"


@pytest.mark.skipif(
    not INSTALLED.exists(), reason="graphql-http is missing: run 'make portal/dist/graphiql.html'"
)
async def test_every_audit_of_graphql_http_is_ok(served: Served) -> None:
    # given the Node that builds the portal
    node = await asyncio.create_subprocess_exec(
        *(ROOT / "portal" / "npm", "exec", "--", "node", AUDITS, f"{served.url}/graphql"),
        env=os.environ | {"TOKEN": served.admin},
        stdout=asyncio.subprocess.PIPE,
    )
    # when
    printed, _ = await node.communicate()
    # then
    found = json.loads(printed)
    assert [audit for audit in found if audit["status"] != "ok"] == []
    assert len(found) == len({audit["id"] for audit in found}) == 61
