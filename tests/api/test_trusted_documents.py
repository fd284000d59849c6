"""Tests of trusted documents: which may be run, and by which names."""

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.__main__ import main
from api.documents import sha256
from api.manifests import CONNECTOR_DOCUMENTS, ManifestError, read
from api.settings import ApiSettings
from core.identity import Role
from schema.build import Policy, make
from tests.support.operations import OPERATIONS
from tests.support.served import Served

WHO = "{ viewer { name } }"
OTHER = "{ practice { name } }"
WRONG = ("{", "{ viewr { name } }")
SYNC = OPERATIONS["syncPatients"]


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A manifest of two documents."""
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({sha256(text): text for text in (WHO, SYNC)}))
    return path


@pytest.fixture
async def trusting(served: Served, manifest: Path) -> AsyncIterator[Served]:
    """A second API, which runs only trusted documents."""
    async with served.again(TRUSTED_DOCUMENTS=str(manifest), OTHER_DOCUMENTS="refuse") as other:
        yield other


NAMES: list[dict[str, Any]] = [
    {"documentId": sha256(WHO)},
    {"documentId": f"sha256:{sha256(WHO)}"},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(WHO)}}},
    {"query": WHO},
]
UNTRUSTED: list[dict[str, Any]] = [
    {"query": OTHER},
    {"documentId": sha256(OTHER)},
    {"documentId": sha256(OTHER), "query": OTHER},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(OTHER)}}, "query": OTHER},
    {"documentId": 5, "query": OTHER},
    {"documentId": "", "query": OTHER},
    {"query": f"{WHO} "},
    {"query": [WHO]},
    {"query": None},
]


async def asked(served: Served, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {served.admin}"}
    async with served.http.post("/graphql", json=body, headers=headers) as answer:
        return await answer.json()


@pytest.mark.parametrize("body", NAMES)
async def test_a_trusted_document_is_run_by_its_name(
    trusting: Served, body: dict[str, Any]
) -> None:
    # when / then
    assert await asked(trusting, body) == {"data": {"viewer": {"name": "Admin"}}}


@pytest.mark.parametrize("body", UNTRUSTED)
async def test_no_other_document_is_run(trusting: Served, body: dict[str, Any]) -> None:
    # when
    answer = await asked(trusting, body)
    # then
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_document_can_be_named_in_a_url_as_well(trusting: Served) -> None:
    # given
    headers = {"Authorization": f"Bearer {trusting.admin}"}
    for name, expected in ((sha256(WHO), 200), (sha256(OTHER), 400)):
        # when
        async with trusting.http.get(
            "/graphql", params={"documentId": name}, headers=headers
        ) as answer:
            # then
            assert answer.status == expected


async def test_a_document_can_be_named_when_events_are_asked_for(trusting: Served) -> None:
    # given
    headers = {"Authorization": f"Bearer {trusting.admin}", "Accept": "text/event-stream"}
    # when
    body = {"documentId": sha256(WHO)}
    async with trusting.http.post("/graphql", json=body, headers=headers) as answer:
        # then
        assert '{"viewer":{"name":"Admin"}}' in await answer.text()


async def test_a_document_can_be_named_over_a_websocket_as_well(trusting: Served) -> None:
    # given
    async with trusting.socket({"authorization": f"Bearer {trusting.admin}"}) as opened:
        await opened.recv()
        payload = {"documentId": f"sha256:{sha256(WHO)}"}
        # when
        await opened.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        # then
        assert json.loads(await opened.recv())["payload"] == {"data": {"viewer": {"name": "Admin"}}}


async def test_a_sync_by_its_name_may_be_as_large_as_any(trusting: Served) -> None:
    # given
    body = {"documentId": sha256(SYNC), "variables": {"input": []}, "padding": "x" * 1_100_000}
    headers = {"Authorization": f"Bearer {trusting.tokens[Role.CONNECTOR]}"}
    # when
    data = io.BytesIO(json.dumps(body).encode())
    headers["Content-Type"] = "application/json"
    async with trusting.http.post("/graphql", data=data, headers=headers) as answer:
        # then
        assert answer.status == 200
        assert (await answer.json())["data"]["syncPatients"]["inserted"] == 0


async def test_no_other_document_is_run_over_a_websocket(trusting: Served) -> None:
    # when
    async with trusting.operations() as operations:
        [refused] = await operations.all(OTHER)
        [known] = await operations.all(WHO)
    # then
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["BAD_USER_INPUT"]
    assert known["data"] == {"viewer": {"name": "Admin"}}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "not an object"),
        ("{", "can't be read"),
        (json.dumps({"abc": WHO}), "abc"),
        (json.dumps({sha256(OTHER): WHO}), sha256(OTHER)),
        (json.dumps({sha256(WHO): 5}), sha256(WHO)),
    ],
)
def test_an_invalid_manifest_is_refused(manifest: Path, content: str, told: str) -> None:
    # given
    manifest.write_text(content)
    # when / then
    with pytest.raises(ManifestError, match=told):
        read(manifest)


def test_a_missing_manifest_is_refused(tmp_path: Path) -> None:
    # when / then
    with pytest.raises(ManifestError):
        read(tmp_path / "none.json")


@pytest.fixture
def partly_wrong(manifest: Path) -> Path:
    """A manifest of which two documents can't be run."""
    manifest.write_text(json.dumps({sha256(text): text for text in (WHO, *WRONG)}))
    return manifest


async def test_an_invalid_document_is_refused_when_it_is_asked_for_and_logged(
    served: Served, partly_wrong: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # given
    async with served.again(TRUSTED_DOCUMENTS=str(partly_wrong)) as other:
        # when
        answer = await asked(other, {"documentId": sha256(WRONG[1])})
    # then
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert "check-documents" in caplog.text


def check(manifest: Path) -> Result:
    return CliRunner().invoke(main, ["check-documents", str(manifest)])


def test_a_manifest_can_be_checked_before_it_is_served(manifest: Path) -> None:
    # when
    result = check(manifest)
    # then
    assert (result.exit_code, result.output) == (0, "")


def test_checking_a_manifest_tells_what_is_wrong_with_each_document(partly_wrong: Path) -> None:
    # when
    result = check(partly_wrong)
    # then
    assert result.exit_code == 1
    told = dict(line.split(": ", 1) for line in result.output.splitlines())
    assert told.pop("Error") == "2 of 3 documents can't be run."
    assert set(told) == set(map(sha256, WRONG))
    assert "Did you mean 'viewer'" in told[sha256(WRONG[1])]


@pytest.mark.parametrize("path", CONNECTOR_DOCUMENTS, ids=lambda path: path.stem)
def test_a_connectors_documents_can_be_run(path: Path) -> None:
    # when / then
    assert make(Policy()).errors(path.read_text()) == []


def test_production_runs_only_trusted_documents_unless_told_otherwise() -> None:
    # when / then
    assert not ApiSettings(environment="production", trusted_proxies="none").allows_other_documents
    assert ApiSettings(
        environment="production", trusted_proxies="none", other_documents="allow"
    ).allows_other_documents


IDS = {
    "SyncPatients": "96827d8427f888a0d2adea5418b8f9b074b00dff493714be4b16a5277f6b5f66",
    "SyncRecalls": "02f39d7a2562cc9df15e7caec09bd270b8c71a40df9a75b4e4a7e403236db903",
}
"""The ids that connectors use; a changed document gets a new id, and the old one stays."""


def test_a_connectors_documents_keep_the_ids_in_the_readme() -> None:
    # when
    found = {path.stem: sha256(path.read_text()) for path in CONNECTOR_DOCUMENTS}
    # then
    assert found == IDS
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert [name for name in IDS if f"`{IDS[name]}`" not in readme] == []


async def test_a_connector_syncs_in_production_without_any_manifest(production: Served) -> None:
    # given
    patient = {"pmsId": "p1", "firstName": "Ann", "lastName": "Smith"}
    recall = {"pmsId": "r1", "patientPmsId": "p1", "reason": "Skin check", "dueDate": "2026-11-23"}
    headers = {"Authorization": f"Bearer {production.tokens[Role.CONNECTOR]}"}
    async with production.again(OTHER_DOCUMENTS="refuse") as strict:

        async def synced(name: str, *rows: dict[str, Any]) -> Any:
            body = {"documentId": IDS[name], "variables": {"input": rows}}
            async with strict.http.post("/graphql", json=body, headers=headers) as answer:
                [given] = (await answer.json())["data"].values()
                return given

        # when
        patients, recalls = (
            await synced("SyncPatients", patient),
            await synced("SyncRecalls", recall),
        )
        refused = await synced("SyncRecalls", recall | {"reason": ""})
    # then
    assert patients == recalls
    assert recalls == {"__typename": "Synced", "inserted": 1, "updated": 0, "unchanged": 0}
    assert refused["__typename"] == "InvalidRows"
    assert refused["rows"][0]["index"] == 0
    assert refused["rows"][0]["field"] == "reason"
