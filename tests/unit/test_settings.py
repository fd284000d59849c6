"""Tests of what production refuses to start with, and that no setting's value is revealed."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import ApiSettings
from core.secrets import guessable
from core.settings import (
    DatabaseSettings,
    OwnerSettings,
    Settings,
    WrongSettingsError,
    check_settings,
)
from workers.settings import GatewaySettings, QueueSettings

ROOT = Path(__file__).parents[2]
TOKEN = "9f86d081884c7d659a2feaa0c55ad015"
PASSWORD = "kT4-vq9Zr2wL"
TLS = "?sslmode=verify-full"
PRODUCTION = {
    "RECALLS_ENVIRONMENT": "production",
    "RECALLS_DATABASE_URL": f"postgresql://recalls_app:{PASSWORD}@db.example/recalls{TLS}",
    "RECALLS_DATABASE_OWNER_URL": f"postgresql://recalls:{PASSWORD}@db.example/recalls{TLS}",
    "RECALLS_VALKEY_URL": f"rediss://:{PASSWORD}@valkey.example:6379/0",
    "RECALLS_GATEWAY_URL": "https://api.twilio.com",
    "RECALLS_GATEWAY_ACCOUNT": "AC1",
    "RECALLS_GATEWAY_TOKEN": TOKEN,
    "RECALLS_GATEWAY_SENDER": "+61400000000",
    "RECALLS_RECEIPTS_URL": "https://recalls.example/receipts/twilio",
    "RECALLS_REPLIES_URL": "https://recalls.example/replies/twilio",
    "RECALLS_OTHER_DOCUMENTS": "allow",
    "RECALLS_TRUSTED_PROXIES": "10.1.0.0/24",
}
KINDS = (DatabaseSettings, OwnerSettings, QueueSettings, GatewaySettings, ApiSettings)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A production environment that may start."""
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refusal(*kinds: type[Settings]) -> str:
    """Return the message about wrong settings; fail if they are right."""
    with pytest.raises(WrongSettingsError) as error:
        check_settings(*kinds or KINDS)
    return str(error.value)


@pytest.mark.usefixtures("production")
def test_production_starts_with_secrets_of_its_own_and_a_real_gateway() -> None:
    # when / then
    check_settings(*KINDS)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com",
        "https://127.0.0.1:8025",
        "https://127.8.8.8",
        "https://localhost:8025",
        "https://simulator.localhost",
        "https://[::1]:8025",
        "https://0.0.0.0:8025",
    ],
)
def test_production_refuses_the_simulator(production: pytest.MonkeyPatch, url: str) -> None:
    # given
    production.setenv("RECALLS_GATEWAY_URL", url)
    # then
    assert "production needs an https RECALLS_GATEWAY_URL that is not local" in refusal()


@pytest.mark.parametrize("name", ["ACCOUNT", "TOKEN", "SENDER"])
def test_production_names_a_missing_setting(production: pytest.MonkeyPatch, name: str) -> None:
    # given
    production.setenv(f"RECALLS_GATEWAY_{name}", "")
    # then
    assert f"production needs RECALLS_GATEWAY_{name}" in refusal()


@pytest.mark.parametrize(
    "url",
    [
        "",  # the default
        "postgresql://recalls_app:recalls@postgres:5432/recalls",
        "postgresql://recalls_app@db.example/recalls",
        "postgresql://recalls_app:@db.example/recalls",
        "postgresql://db.example/recalls?user=recalls_app&password=recalls",
        "postgresql://recalls_app:short-1@db.example/recalls",
        "postgresql://clinic:clinicclinicclinic1@db.example/recalls",
    ],
)
def test_production_refuses_a_database_that_anybody_may_enter(
    production: pytest.MonkeyPatch, url: str
) -> None:
    for name in ("RECALLS_DATABASE_URL", "RECALLS_DATABASE_OWNER_URL"):
        # given
        if url:
            production.setenv(name, url)
        else:
            production.delenv(name)
        # then
        assert f"production needs a password in {name} that is not the default" in refusal()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://recalls_app@/recalls?host=/var/run/postgresql",
        "postgresql:///recalls",
        "postgresql://recalls_app@db.example/recalls?sslmode=verify-full&sslcert=/run/app.pem",
        "postgresql://recalls_app@db.example/recalls?sslmode=verify-ca&passfile=/run/pgpass",
        f"postgresql://recalls_app:{PASSWORD}@one.example:5432,two.example:5432/recalls{TLS}",
    ],
)
def test_production_accepts_other_proofs_than_a_password(
    production: pytest.MonkeyPatch, url: str
) -> None:
    # given
    production.setenv("RECALLS_DATABASE_URL", url)
    # then
    check_settings(DatabaseSettings)


def test_production_accepts_the_owners_default_if_nothing_is_done_as_the_owner(
    production: pytest.MonkeyPatch,
) -> None:
    # given
    production.delenv("RECALLS_DATABASE_OWNER_URL")
    # then
    check_settings(DatabaseSettings, QueueSettings, GatewaySettings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECALLS_VALKEY_URL", "rediss://:changeme@valkey.example/0"),
        ("RECALLS_GATEWAY_TOKEN", "simulator"),
        ("RECALLS_GATEWAY_OTHER_TOKEN", "simulator"),
        ("RECALLS_GATEWAY_URL", "https://Hush99@api.twilio.com"),
        ("RECALLS_GATEWAY_URL", "https://api.twilio.com/elsewhere"),
        ("RECALLS_ORIGINS", "https://one.example,http://two.example"),
        ("RECALLS_RATE", "0"),
        ("RECALLS_TRUSTED_PROXIES", "*"),
        ("RECALLS_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("RECALLS_TRUSTED_PROXIES", "10.0.0.1/24"),
        ("RECALLS_TRUSTED_PROXIES", "10.0.0.1,proxy.example"),
        ("RECALLS_PRIVATE_NETWORK", "everything"),
        ("RECALLS_GATEWAY_TOKEN", "token"),
        ("RECALLS_RECEIPTS_URL", "http://recalls.example/receipts/twilio"),
        ("RECALLS_REPLIES_URL", "http://recalls.example/replies/twilio"),
        ("RECALLS_REPLIES_URL", "https:///replies/twilio"),
    ],
)
def test_production_refuses_guessable_secrets_and_insecure_settings(
    production: pytest.MonkeyPatch, name: str, value: str
) -> None:
    # given
    production.setenv(name, value)
    # then
    told = refusal()
    assert name in told
    assert value.rjust(4, "\0") not in told


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "?sslmode=disable",
        "?sslmode=prefer",
        "?sslmode=require",
        "?sslmode=verify-full&sslmode=require",
    ],
)
@pytest.mark.parametrize("name", ["DATABASE", "DATABASE_OWNER"])
def test_production_refuses_a_connection_to_the_database_that_others_can_intercept(
    production: pytest.MonkeyPatch, name: str, asked: str
) -> None:
    # given
    production.setenv(f"RECALLS_{name}_URL", f"postgresql://a:{PASSWORD}@db.example/b{asked}")
    # then
    assert f"in RECALLS_{name}_URL, because the database is elsewhere" in refusal()


@pytest.mark.parametrize(
    "where",
    ["@localhost", "@127.0.0.1:5433", "@[::1]", "@", "@%2Frun%2Fpostgresql", "@/x?host=/run"],
)
def test_the_connection_to_a_database_on_this_machine_needs_no_tls(
    production: pytest.MonkeyPatch, where: str
) -> None:
    # given
    production.setenv("RECALLS_DATABASE_URL", f"postgresql://a:{PASSWORD}{where}")
    # then
    check_settings(*KINDS)


@pytest.mark.parametrize(("name", "asked"), [("X", "?service=a"), ("PGSERVICE", "")])
def test_a_host_that_a_service_file_may_name_counts_as_elsewhere(
    production: pytest.MonkeyPatch, name: str, asked: str
) -> None:
    # given
    production.setenv(name, "a")
    production.setenv("RECALLS_DATABASE_URL", f"postgresql://a:{PASSWORD}@/recalls{asked}")
    # then
    assert "in RECALLS_DATABASE_URL, because the database is elsewhere" in refusal()


def test_a_host_that_the_environment_names_counts_as_elsewhere(
    production: pytest.MonkeyPatch,
) -> None:
    # given
    production.setenv("PGHOST", "db.example")
    production.setenv("RECALLS_DATABASE_URL", f"postgresql://recalls_app:{PASSWORD}@/recalls")
    # then
    assert "in RECALLS_DATABASE_URL, because the database is elsewhere" in refusal()
    # when
    production.setenv("PGSSLMODE", "verify-full")
    # then
    check_settings(*KINDS)


@pytest.mark.parametrize(
    "url",
    [
        f"redis://:{PASSWORD}@valkey.example:6379/0",
        "rediss://valkey.example:6379/0",
        f"rediss://:{PASSWORD}@valkey.example:6379/0?ssl_cert_reqs=none",
        f"rediss://:{PASSWORD}@valkey.example:6379/0?ssl_check_hostname=false",
    ],
)
def test_production_refuses_a_valkey_elsewhere_that_others_can_reach(
    production: pytest.MonkeyPatch, url: str
) -> None:
    # given
    production.setenv("RECALLS_VALKEY_URL", url)
    # then
    assert "because Valkey is elsewhere" in refusal()


@pytest.mark.parametrize("url", ["redis://127.0.0.1/0", "redis:///0", "unix:///run/valkey.sock"])
def test_a_valkey_on_this_machine_needs_neither_tls_nor_a_password(
    production: pytest.MonkeyPatch, url: str
) -> None:
    # given
    production.setenv("RECALLS_VALKEY_URL", url)
    # then
    check_settings(*KINDS)


def test_a_private_network_is_taken_at_its_word(production: pytest.MonkeyPatch) -> None:
    # given
    production.setenv("RECALLS_DATABASE_URL", f"postgresql://a:{PASSWORD}@postgres/recalls")
    production.setenv("RECALLS_VALKEY_URL", "redis://valkey:6379/0")
    # when
    production.setenv("RECALLS_PRIVATE_NETWORK", "database")
    # then
    assert "because Valkey is elsewhere" in refusal()
    # when
    production.setenv("RECALLS_PRIVATE_NETWORK", "database, valkey")
    # then
    check_settings(*KINDS)


@pytest.mark.parametrize("given", ["", None])
@pytest.mark.parametrize("name", ["RECALLS_TRUSTED_PROXIES", "RECALLS_REPLIES_URL"])
def test_production_needs_its_proxy_and_its_replies_named_or_set_to_none(
    production: pytest.MonkeyPatch, name: str, given: str | None
) -> None:
    # given
    if given is None:
        production.delenv(name)
    else:
        production.setenv(name, given)
    # then
    assert f"production needs {name}" in refusal()
    # when
    production.setenv(name, "none")
    # then
    check_settings(*KINDS)
    assert ApiSettings().proxies == ([] if "PROXIES" in name else ["10.1.0.0/24"])
    assert (GatewaySettings().replies_url is None) == ("REPLIES" in name)


def test_production_may_do_without_receipts(production: pytest.MonkeyPatch) -> None:
    # given
    production.delenv("RECALLS_RECEIPTS_URL")
    # then
    check_settings(*KINDS)


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


@pytest.fixture
def talkative() -> Iterator[None]:
    """Our workers' loggers, told to log everything they can."""
    logger = logging.getLogger("workers")
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(logging.NOTSET)


@pytest.mark.usefixtures("production", "talkative")
def test_production_refuses_to_log_everything_it_can() -> None:
    # when
    told = refusal()
    # then what all kinds of settings find is reported once
    assert told.count("production runs without debugging") == 1


def test_development_accepts_all_of_these(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setenv("RECALLS_RATE", "0")
    monkeypatch.setenv("RECALLS_ORIGINS", "http://127.0.0.1:3000")
    monkeypatch.setenv("RECALLS_DATABASE_URL", "postgresql://a@db.example/recalls")
    monkeypatch.setenv("RECALLS_GATEWAY_URL", "http://127.0.0.1:8025")
    monkeypatch.setenv("RECALLS_RECEIPTS_URL", "http://127.0.0.1:8000/receipts/twilio")
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    # then
    check_settings(*KINDS)


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
