"""What every test can ask for; each part says what it gives."""

pytest_plugins = [
    "tests.support.servers",
    "tests.support.databases",
    "tests.support.served",
    "tests.support.importing",
    "tests.support.identity_provider",
    "tests.support.browser",
    "tests.support.tiers",
]
