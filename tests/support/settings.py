"""The settings of a production that may start, and the message about wrong ones."""

import pytest

from api.settings import ApiSettings
from core.settings import (
    DatabaseSettings,
    OwnerSettings,
    Settings,
    WrongSettingsError,
    check_settings,
)
from workers.settings import GatewaySettings, QueueSettings

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
