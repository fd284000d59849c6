"""Tests of what production needs, and what of the API, the gateway and its logs it refuses."""

import logging
from collections.abc import Iterator

import pytest

from api.settings import ApiSettings
from core.settings import check_settings
from tests.support.settings import KINDS, production, refusal
from workers.settings import GatewaySettings

__all__ = ["production"]


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
