"""Tests that the software keeps what the documents promise."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from api.settings import ApiSettings, OidcSettings
from core.settings import DatabaseSettings, OwnerSettings, Settings
from workers.settings import GatewaySettings, QueueSettings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def settings() -> dict[str, Any]:
    """Return every setting's name and default."""
    fields: dict[str, Any] = {}
    for group in (
        Settings,
        DatabaseSettings,
        OwnerSettings,
        QueueSettings,
        GatewaySettings,
        ApiSettings,
        OidcSettings,
    ):
        for name, field in group.model_fields.items():
            default = field.default
            fields[name] = default.get_secret_value() if isinstance(default, SecretStr) else default
    return fields


@pytest.mark.parametrize(("name", "default"), settings().items())
def test_every_setting_is_in_the_readme_with_its_default(name: str, default: Any) -> None:
    # given
    row = re.search(rf"^\| `RECALLS_{name.upper()}` \|([^|]*)\|", README, re.MULTILINE)
    # then
    assert row is not None
    told = row[1].strip().strip("`")
    assert told == ("" if default is None else str(getattr(default, "value", default)))


def test_the_readme_lists_no_setting_that_is_gone() -> None:
    # when
    told = {name.lower() for name in re.findall(r"^\| `RECALLS_(\w+)`", README, re.MULTILINE)}
    # then
    assert told == set(settings())


def test_every_link_in_the_documents_leads_somewhere() -> None:
    # given
    documents = [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *(ROOT / "docs").rglob("*.md")]
    # when
    missing = [
        f"{document.name}: {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
        if not (document.parent / link).exists()
    ]
    # then
    assert missing == []


def test_each_of_our_services_in_docker_compose_runs_a_command_that_exists() -> None:
    # given
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    dockerfile = (ROOT / "Dockerfile").read_text()
    default = re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert default is not None
    ours = [service for service in compose["services"].values() if "build" in service]
    # when
    commands = [service.get("command", yaml.safe_load(default[1])) for service in ours]
    # then
    assert len(commands) == 3
    for command in commands:
        assert command[:2] == ["python", "-m"], shlex.join(command)
        assert (ROOT / command[2] / "__main__.py").exists()


def test_every_service_in_docker_compose_that_stays_up_has_a_health_check() -> None:
    # given
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    # when
    silent = [name for name, service in services.items() if "healthcheck" not in service]
    # then
    assert silent == ["migrate"]


def test_every_source_file_says_its_purpose_in_its_first_line() -> None:
    # given
    folders = ("api", "schema", "rowql", "workers", "db", "core", "dev", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    files += [path for folder in folders for path in (ROOT / folder).rglob("*.sql")]
    # when
    silent = [
        str(path.relative_to(ROOT))
        for path in files
        if not path.read_text().startswith(('"""', "-- "))
    ]
    # then
    assert silent == []
