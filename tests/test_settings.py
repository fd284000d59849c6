"""What production refuses to start with."""

import pytest
from pydantic import ValidationError

from db.settings import wrong_settings
from workers.settings import GatewaySettings

TOKEN = "a-secret-that-must-not-be-told"
PRODUCTION = {
    "RECALLS_ENVIRONMENT": "production",
    "RECALLS_GATEWAY_URL": "https://api.twilio.com",
    "RECALLS_GATEWAY_ACCOUNT": "AC1",
    "RECALLS_GATEWAY_TOKEN": TOKEN,
    "RECALLS_GATEWAY_SENDER": "+61400000000",
}


def use(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_production_starts_with_a_real_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    use(monkeypatch, **PRODUCTION)
    # then
    assert GatewaySettings().gateway_sender == "+61400000000"


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
def test_production_refuses_the_simulator(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    # given
    use(monkeypatch, **PRODUCTION | {"RECALLS_GATEWAY_URL": url})
    # then
    with pytest.raises(ValidationError, match="https RECALLS_GATEWAY_URL"):
        GatewaySettings()


@pytest.mark.parametrize("name", ["ACCOUNT", "TOKEN", "SENDER"])
def test_production_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # given
    use(monkeypatch, **PRODUCTION | {f"RECALLS_GATEWAY_{name}": ""})
    # then
    with pytest.raises(ValidationError, match=f"needs RECALLS_GATEWAY_{name}"):
        GatewaySettings()


def test_a_wrong_setting_is_told_without_any_value(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    use(monkeypatch, **PRODUCTION | {"RECALLS_GATEWAY_TIMEOUT": "soon", "RECALLS_GATEWAY_URL": "x"})
    # when
    with pytest.raises(ValidationError) as error:
        GatewaySettings()
    # then
    told = wrong_settings(error.value)
    assert "RECALLS_GATEWAY_TIMEOUT: Input should be a valid number" in told
    assert TOKEN not in told + str(error.value)
    assert "soon" not in told + str(error.value)
