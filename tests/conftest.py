"""The fixtures of every test, by plugin; a room can add its own."""

pytest_plugins = [
    "tests.support.servers",
    "tests.support.databases",
    "tests.support.browser",
    "tests.support.tiers",
    "tests.support.garbage",
]
