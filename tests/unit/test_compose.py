"""Tests of docker-compose.yml: every service is confined, has what it needs, and can start."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import ApiSettings, OidcSettings
from core.settings import DatabaseSettings, OwnerSettings, Settings, check_settings
from tests.unit.test_docs import settings
from workers.settings import GatewaySettings, QueueSettings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", TEXT))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWNER = "recalls_database_owner_password"
GATEWAY = "recalls_gateway_token"
SERVING = (DatabaseSettings, QueueSettings, GatewaySettings)
KINDS: dict[str, tuple[type[Settings], ...]] = {
    "migrate": (DatabaseSettings, OwnerSettings),
    "api": (ApiSettings, OidcSettings, *SERVING),
    "worker": SERVING,
}
ITS_OWN = {
    "RECALLS_GATEWAY_ACCOUNT": "AC1",
    "RECALLS_GATEWAY_SENDER": "+61400000000",
    "RECALLS_REPLIES_URL": "https://recalls.example/replies/twilio",
}
"""What recalls.env has at least."""


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_service_can_write_nowhere_and_gain_no_privileges(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert "/tmp" in service["tmpfs"]  # noqa: S108 - a container's own
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"privileged", "cap_add", "network_mode", "pid"} & service.keys() == set()


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_service_has_limits_and_is_not_root(service: dict[str, Any]) -> None:
    # given
    dockerfile = (ROOT / "Dockerfile").read_text()
    [image_user] = re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)
    # when
    user = service.get("user") or ("build" in service and image_user)
    # then
    assert user not in (None, "root", "0", "0:0")
    assert service["mem_limit"]
    assert service["pids_limit"] > 0


def test_each_secret_is_a_file_known_only_to_services_that_need_it() -> None:
    # when
    known = {name: set(service.get("secrets", ())) for name, service in SERVICES.items()}
    # then
    serving = {"recalls_database_password", GATEWAY}
    assert known == {
        "postgres": {OWNER},
        "valkey": set(),
        "migrate": {OWNER, "recalls_database_password"},
        "api": serving,
        "worker": serving,
    }
    assert set.union(*known.values()) == COMPOSE["secrets"].keys()
    assert all(secret["file"].startswith("secrets/") for secret in COMPOSE["secrets"].values())
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "PASSWORD}" not in TEXT
    assert "TOKEN}" not in TEXT


def test_only_services_that_talk_to_the_gateway_have_its_settings() -> None:
    assert [name for name, service in SERVICES.items() if "env_file" in service] == [
        "api",
        "worker",
    ]


def test_the_servers_are_in_an_internal_network() -> None:
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert [name for name, each in SERVICES.items() if each["networks"] == ["back"]] == [
        "postgres",
        "valkey",
        "migrate",
    ]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["api"]
    assert SERVICES["api"]["ports"] == ["127.0.0.1:8000:8000"]


@pytest.mark.parametrize("name", KINDS)
def test_a_service_may_start_with_its_settings(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given
    service = SERVICES[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECALLS_SECRETS_DIR", str(tmp_path))
    for secret in service["secrets"]:
        (tmp_path / secret).write_text("kT4-vq9Zr2wL\n")
    given = service["environment"] | (ITS_OWN if "env_file" in service else {})
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    # when / then
    check_settings(*KINDS[name])
    known = {f"RECALLS_{setting.upper()}" for setting in settings()}
    assert given.keys() | {secret.upper() for secret in service["secrets"]} <= known


def test_the_api_runs_trusted_documents_only_and_trusts_its_own_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    for variable, value in SERVICES["api"]["environment"].items():
        monkeypatch.setenv(variable, value)
    # then
    assert not ApiSettings().allows_other_documents
    [config] = COMPOSE["networks"]["front"]["ipam"]["config"]
    assert ApiSettings().proxies == [config["subnet"]]
