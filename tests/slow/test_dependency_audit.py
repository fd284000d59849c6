"""Tests of the audit of locked packages: vulnerabilities fail it, a service that's down doesn't."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.support.simulated import listening

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"
OSV = {"id": "PYSEC-2026-1", "summary": "It leaks.", "affected": [], "aliases": []}
NPM = {
    "id": 1,
    "url": "https://github.com/advisories/GHSA-1",
    "title": "It leaks.",
    "severity": "high",
    "vulnerable_versions": "*",
    "cwe": [],
    "cvss": {"score": 7, "vectorString": None},
}


class Services:
    """Stand-ins for OSV and npm's registry; ``vulnerable`` holds package names of either."""

    def __init__(self) -> None:
        self.url = ""
        self.vulnerable: set[str] = set()

    async def osv(self, request: web.Request) -> web.Response:
        name = json.loads(await request.text())["package"]["name"]
        return web.json_response({"vulns": [OSV]} if name in self.vulnerable else {})

    async def npm(self, request: web.Request) -> web.Response:
        asked: dict[str, Any] = await request.json()
        return web.json_response({name: [NPM] for name in asked if name in self.vulnerable})


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    made = Services()
    app = web.Application()
    app.router.add_post("/osv", made.osv)
    app.router.add_post("/npm/-/npm/v1/security/advisories/bulk", made.npm)
    async with listening(web.AppRunner(app, access_log=None)) as made.url:
        yield made


async def audit(osv: str, npm: str, **more: str) -> tuple[int, str]:
    """Return the exit code and the output."""
    env = os.environ | {"OSV_URL": osv, "npm_config_registry": npm} | more
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, ".ci/audit.py"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


async def test_packages_without_known_vulnerabilities_pass(services: Services) -> None:
    # when
    code, said = await audit(f"{services.url}/osv", f"{services.url}/npm/")
    # then
    assert code == 0, said
    assert said.count("no known vulnerabilities") == 2
    assert "SKIPPED" not in said


async def test_a_vulnerability_in_python_fails_though_npms_service_is_down(
    services: Services,
) -> None:
    # given
    services.vulnerable = {"aiohttp"}
    # when
    code, said = await audit(f"{services.url}/osv", NOWHERE)
    # then
    assert code == 1
    assert "Python packages: VULNERABLE" in said
    assert "aiohttp 3" in said
    assert "PYSEC-2026-1" in said
    assert "the portal's packages: SKIPPED: request to http://127.0.0.1:9" in said


async def test_a_vulnerability_in_the_portal_fails_though_pythons_service_is_down(
    services: Services,
) -> None:
    # given
    services.vulnerable = {"graphiql"}
    # when
    code, said = await audit(f"{NOWHERE}/osv", f"{services.url}/npm/")
    # then
    assert code == 1
    assert "Python packages: SKIPPED: requests.exceptions.ConnectionError" in said
    assert "the portal's packages: VULNERABLE" in said
    assert "graphiql: high, https://github.com/advisories/GHSA-1" in said


async def test_services_that_are_down_fail_nothing() -> None:
    # when
    code, said = await audit(f"{NOWHERE}/osv", NOWHERE)
    # then
    assert code == 0, said
    assert said.count("SKIPPED") == 2
    assert "no known vulnerabilities" not in said


async def test_a_release_does_not_pass_with_a_skipped_audit(services: Services) -> None:
    # when
    code, said = await audit(f"{services.url}/osv", NOWHERE, RELEASE="1")
    # then
    assert code == 1
    assert said.count("SKIPPED") == 1
    # when
    code, said = await audit(f"{services.url}/osv", f"{services.url}/npm/", RELEASE="1")
    # then
    assert code == 0, said
