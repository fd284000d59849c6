"""Tests of what a browser gets: GraphiQL, the portal's files, and nothing else."""

import asyncio
import gzip

import aiohttp
import pytest
from graphql import build_client_schema, build_schema, get_introspection_query
from graphql.utilities import lexicographic_sort_schema, print_schema

from api.app import PORTAL
from api.graphql import GRAPHIQL
from schema.snapshot import SNAPSHOT
from tests.support.served import Served

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
built = pytest.mark.skipif(
    not GRAPHIQL.exists(), reason="portal/dist is missing: run 'make portal/dist/index.html'"
)


@built
async def test_a_browser_gets_graphiql_without_a_token(served: Served) -> None:
    # when
    async with served.http.get("/graphql", headers=BROWSER) as answer:
        # then
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert await answer.text() == GRAPHIQL.read_text()


@built
async def test_the_pages_files_are_served_without_source_maps(served: Served) -> None:
    # given
    files = [path for path in (PORTAL / "assets").rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".map"]
    for path in files:
        # when
        async with served.http.get(f"/portal/{path.relative_to(PORTAL).as_posix()}") as answer:
            # then
            assert answer.status == 200
            assert await answer.read() == path.read_bytes()


@built
@pytest.mark.parametrize(
    "path", ["/portal/../package.json", "/portal/%2e%2e/package.json", "/portal/..%2fpackage.json",
             "/portal/assets//../../package.json", "/portal/assets/../../package.json",
             "/portal/assets/%2e%2e/documents.json", "/portal/assets/..%2fdocuments.json"],
)  # fmt: skip
async def test_no_path_leads_out_of_the_portal(served: Served, path: str) -> None:
    # given a request whose path no client has tidied up
    assert (PORTAL.parent / "package.json").exists()
    reader, writer = await asyncio.open_connection(*served.url.removeprefix("http://").split(":"))
    # when
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    status = (await reader.readline()).split()[1]
    writer.close()
    await writer.wait_closed()
    # then
    assert status == b"404"


async def test_nothing_is_run_for_a_browser(served: Served) -> None:
    for query in ("{viewer{name}}", "mutation{__typename}", "subscription{__typename}"):
        # when
        async with served.http.get("/graphql", params={"query": query}, headers=BROWSER) as answer:
            # then
            assert answer.status == 401
            assert (await answer.json())["data"] is None


async def test_the_schema_can_be_introspected_with_a_token(served: Served) -> None:
    # when
    answer = await served.ask(get_introspection_query())
    # then
    served_schema, kept = build_client_schema(answer["data"]), build_schema(SNAPSHOT.read_text())
    assert print_schema(lexicographic_sort_schema(served_schema)) == print_schema(
        lexicographic_sort_schema(kept)
    )


@built
async def test_the_portal_is_served_at_the_root_and_at_each_of_its_paths(served: Served) -> None:
    for path in (
        "/",
        "/today",
        "/recalls/calls",
        "/runs",
        "/runs/Run:1",
        "/blocked",
        "/setup/categories",
    ):
        # when
        async with served.http.get(path) as answer:
            # then
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"


async def test_the_health_check_reports_on_the_database_and_valkey(served: Served) -> None:
    # when
    async with served.http.get("/healthz") as answer:
        # then
        assert (answer.status, await answer.json()) == (200, {"database": True, "valkey": True})


@built
async def test_the_portals_files_come_compressed_as_the_browser_accepts_them(
    served: Served,
) -> None:
    # given
    [script] = (PORTAL / "assets").glob("index-*.js")
    async with aiohttp.ClientSession(served.url, auto_decompress=False) as http:
        for accepted, encoding, suffix in (
            ("gzip, deflate, br", "br", ".br"),
            ("gzip;q=0.5, br;q=0", "gzip", ".gz"),
            ("deflate", None, ""),
        ):
            # when
            path, headers = f"/portal/assets/{script.name}", {"Accept-Encoding": accepted}
            async with http.get(path, headers=headers) as answer:
                # then
                assert answer.headers.get("Content-Encoding") == encoding
                assert answer.content_type == "text/javascript"
                assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
                sent = script.with_name(script.name + suffix)
                assert await answer.read() == sent.read_bytes()
    assert gzip.decompress(script.with_name(f"{script.name}.gz").read_bytes()) == (
        script.read_bytes()
    )
