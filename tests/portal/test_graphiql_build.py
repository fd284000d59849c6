"""Checks that the built GraphiQL page loads nothing from another host."""

import re
from pathlib import Path

import pytest

DIST = Path(__file__).parents[2] / "portal" / "dist"

# An address by itself proves nothing: the bundles contain many that are never fetched (XML
# namespaces, links in help texts, JSON schema names). So this looks for addresses in places that
# load them: calls and imports in JavaScript, url() and @import in style sheets. Addresses put
# together at run time escape it, but the Content-Security-Policy of the API's pages refuses them.
REMOTE = r"""\s*["'`]?(?:(?:https?|wss?):)?//[a-z0-9]"""
CALLS = r"fetch|import|importScripts|Worker|SharedWorker|WebSocket|EventSource|URL|sendBeacon"
REMOTE_LOADS = {
    ".js": re.compile(rf"""\b(?:(?:{CALLS})\(|(?:from|import)(?=\s*["'])|src\s*=){REMOTE}"""),
    ".css": re.compile(rf"(?:url\(|@import){REMOTE}"),
}


@pytest.fixture(scope="module")
def page() -> str:
    if not DIST.is_dir():
        pytest.skip("GRAPHIQL PAGE NOT CHECKED: first run npm ci && npm run build in portal/")
    return (DIST / "graphiql.html").read_text()


def test_page_refers_only_to_its_own_built_files(page: str) -> None:
    # when
    references = re.findall(r"""\b(?:src|href)\s*=\s*["']([^"']*)""", page)

    # then
    files = [each.removeprefix("/portal/") for each in references if each != "data:,"]
    assert any(each.endswith(".js") for each in files)
    assert [each for each in files if not (DIST / each).is_file() or "//" in each] == []


@pytest.mark.usefixtures("page")
def test_assets_load_nothing_from_another_host() -> None:
    # when
    texts = {each: each.read_text() for each in DIST.rglob("*") if each.suffix in REMOTE_LOADS}

    # then
    assert texts
    loads = [(k.name, m[0]) for k, v in texts.items() for m in REMOTE_LOADS[k.suffix].finditer(v)]
    assert loads == []
