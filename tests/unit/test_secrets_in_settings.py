"""Tests of secrets: read from files, refused if guessable, and shown in no message."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.secrets import guessable
from core.settings import DatabaseSettings, OwnerSettings, check_settings
from tests.support.settings import KINDS, PASSWORD, PRODUCTION, TLS, TOKEN, production, refusal
from workers.settings import GatewaySettings

__all__ = ["production"]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def files(production: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder for secrets in files, with none in the settings."""
    production.setenv("RECALLS_SECRETS_DIR", str(tmp_path))
    production.setenv("RECALLS_DATABASE_URL", f"postgresql://recalls_app@db.example/recalls{TLS}")
    production.setenv("RECALLS_DATABASE_OWNER_URL", f"postgresql://recalls:x@/recalls{TLS}")
    production.delenv("RECALLS_GATEWAY_TOKEN")
    return tmp_path


def test_secrets_may_be_in_files(files: Path) -> None:
    # given
    assert "RECALLS_GATEWAY_TOKEN" in refusal()
    # when
    (files / "recalls_gateway_token").write_text(f"{TOKEN}\n")
    (files / "recalls_database_password").write_text("p/a:s@s%w#r?d-1\n")
    (files / "recalls_database_owner_password").write_text(PASSWORD)
    # then
    check_settings(*KINDS)
    assert GatewaySettings().gateway_token.get_secret_value() == TOKEN
    url = DatabaseSettings().database_url.get_secret_value()
    assert url == (f"postgresql://recalls_app:p%2Fa%3As%40s%25w%23r%3Fd-1@db.example/recalls{TLS}")
    owner = OwnerSettings().database_owner_url.get_secret_value()
    assert owner == f"postgresql://recalls:{PASSWORD}@/recalls{TLS}"


def test_the_environment_takes_precedence_over_a_file(
    files: Path, production: pytest.MonkeyPatch
) -> None:
    # given
    (files / "recalls_gateway_token").write_text("other")
    # when
    production.setenv("RECALLS_GATEWAY_TOKEN", TOKEN)
    # then
    assert GatewaySettings().gateway_token.get_secret_value() == TOKEN


def test_a_secret_in_a_file_must_not_be_guessable_either(files: Path) -> None:
    # given
    (files / "recalls_database_password").write_text("recalls")
    # then
    assert "a password in RECALLS_DATABASE_URL that is not the default" in refusal()


def test_a_secret_that_cannot_be_read_is_reported_by_its_name(files: Path) -> None:
    # given
    (files / "recalls_gateway_token").write_bytes(b"\xff\xfeHush99")
    # when
    told = refusal()
    # then
    assert '"gateway_token" from source "SecretsSettingsSource" (UnicodeDecodeError)' in told
    assert "Hush99" not in told


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "recalls",
        "kT4-vq9Zr2w",  # eleven characters
        "passwordpassword",
        "Recalls-Postgres-2026",
        "123456789012",
        "abcabcabcabcabc",
        "aaaaaaaaaaaaaaaaaa",
        "clinic-clinic-clinic",
    ],
)
def test_these_secrets_are_easy_to_guess(secret: str) -> None:
    assert guessable(secret, "clinic")


@pytest.mark.parametrize("secret", [PASSWORD, TOKEN, "correct horse battery staple"])
def test_these_secrets_are_not_easy_to_guess(secret: str) -> None:
    assert not guessable(secret, "clinic", "")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("RECALLS_DATABASE_URL", "postgresql://app:hush#Hush99@db/recalls"),
        ("RECALLS_DATABASE_URL", "postgresql://app:hush/Hush99@db/recalls"),
        ("RECALLS_DATABASE_URL", "postgresql://app:Hush99@db:Hush99/recalls"),
        ("RECALLS_DATABASE_URL", "Hush99"),
        ("RECALLS_DATABASE_URL", "mysql://app:Hush99@db/recalls"),
        ("RECALLS_VALKEY_URL", "redis://:hush#Hush99@valkey:6379/0"),
        ("RECALLS_VALKEY_URL", "http://:Hush99@valkey:6379/0"),
        ("RECALLS_GATEWAY_TIMEOUT", "Hush99"),
    ],
)
def test_a_wrong_setting_is_reported_without_any_value(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    # given
    monkeypatch.setenv(name, url)
    # when
    told = refusal()
    # then
    assert f"{name}: " in told
    assert "Hush99" not in told


def test_no_secret_is_shown_with_the_settings(production: pytest.MonkeyPatch) -> None:
    # given
    production.setenv("RECALLS_DATABASE_CONNECTIONS", "7")
    # when
    shown = "".join(f"{kind()!r} {kind()}" for kind in KINDS)
    # then
    assert "database_connections=7" in shown
    assert PASSWORD not in shown
    assert TOKEN not in shown


PROCESSES = [
    ("api serve", "RECALLS_GATEWAY_TOKEN"),
    ("db migrate", "RECALLS_DATABASE_OWNER_URL"),
    ("workers", "RECALLS_GATEWAY_TOKEN"),
]
OTHER_COMMANDS = [
    ("api token list --practice 1", "RECALLS_DATABASE_URL"),
    ("api practice list", "RECALLS_DATABASE_OWNER_URL"),
    ("api import --practice 1 --patients README.md", "RECALLS_DATABASE_URL"),
    ("workers --check", "RECALLS_GATEWAY_TOKEN"),
]


@pytest.mark.parametrize(
    ("command", "setting"),
    [*PROCESSES, *(pytest.param(*each, marks=pytest.mark.slow) for each in OTHER_COMMANDS)],
)
def test_every_process_refuses_with_a_message_and_nothing_else(command: str, setting: str) -> None:
    # given
    wrong = {
        "RECALLS_DATABASE_URL": "postgresql://recalls_app:Hush99@db.example/recalls",
        "RECALLS_DATABASE_OWNER_URL": "postgresql://recalls:Hush99@db.example/recalls",
        "RECALLS_GATEWAY_TOKEN": "Hush99",
        "PYTHONASYNCIODEBUG": "1",
    }
    # when
    ended = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=ROOT,
        env=os.environ | PRODUCTION | wrong,
        capture_output=True,
        text=True,
        check=False,
    )
    # then
    assert (ended.returncode, ended.stdout) == (1, "")
    first, *lines = ended.stderr.splitlines()
    assert first == "Error: The settings in the environment are wrong:"
    assert all(line.startswith("  production ") for line in lines)
    assert setting in ended.stderr
    assert "PYTHONASYNCIODEBUG" in ended.stderr
    assert "Hush99" not in ended.stderr
