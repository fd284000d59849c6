"""Checks of the built portal: its first view is light, and its documents are the ones it runs."""

import gzip
import re
from pathlib import Path

import pytest

from api.app import PORTAL
from api.manifests import PORTAL_DOCUMENTS, read
from schema.build import Policy, make

MAX_FIRST_VIEW = 200_000
"""Bytes of compressed script."""


@pytest.fixture(scope="module")
def scripts() -> list[Path]:
    """The scripts that the page loads before it shows anything."""
    if not PORTAL.is_dir():
        pytest.skip("THE PORTAL'S BUILD IS NOT CHECKED: run make portal/dist/index.html")
    page = (PORTAL / "index.html").read_text()
    found = re.findall(r'(?:src|href)="/portal/([^"]+\.js)"', page)
    assert found
    return [PORTAL / each for each in found]


def test_the_first_view_is_light(scripts: list[Path]) -> None:
    # when
    weight = sum(len(gzip.compress(each.read_bytes(), 6)) for each in scripts)
    # then
    assert weight < MAX_FIRST_VIEW


def test_screens_that_not_everybody_opens_are_loaded_when_opened(scripts: list[Path]) -> None:
    # when
    first = "".join(each.read_text() for each in scripts)
    # then
    assert "Blocked Communications" in first
    assert "Access tokens" not in first


@pytest.mark.usefixtures("scripts")
def test_the_pages_name_documents_that_the_api_knows_by_their_hashes_alone() -> None:
    # given
    known = read(PORTAL_DOCUMENTS)
    built = "".join(each.read_text() for each in (PORTAL / "assets").glob("*.js"))
    # when
    named = set(re.findall(r"sha256:[0-9a-f]{64}", built))
    # then
    assert named == {f"sha256:{name}" for name in known}
    assert "recallIds: $recallIds" not in built


@pytest.mark.usefixtures("scripts")
def test_the_pages_documents_can_be_run() -> None:
    # given
    known = read(PORTAL_DOCUMENTS)
    # when
    wrong = {
        name: errors for name, text in known.items() if (errors := make(Policy()).errors(text))
    }
    # then
    assert wrong == {}
