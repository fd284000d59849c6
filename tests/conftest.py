"""What every test can ask for, each part telling what it gives; a room can have more of its own."""

pytest_plugins = [
    "tests.support.servers",
    "tests.support.databases",
    "tests.support.browser",
    "tests.support.tiers",
    "tests.support.garbage",
]
