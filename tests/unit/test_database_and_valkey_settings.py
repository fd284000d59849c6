"""Tests of the URLs of the database and of Valkey that production accepts or refuses."""

import pytest

from core.settings import DatabaseSettings, check_settings
from tests.support.settings import KINDS, PASSWORD, TLS, production, refusal
from workers.settings import GatewaySettings, QueueSettings

__all__ = ["production"]


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
