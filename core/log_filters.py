"""Log filters: each line at most once a minute, and lines that are never written."""

import logging
import math
import time

EVERY = 60.0
"""Seconds between two equal log lines."""
KINDS = 1_000
"""Different log lines remembered."""


class RepeatFilter(logging.Filter):
    """Lets each line through once a minute, with the number of repeats left out.

    For a handler, and so for anything that can be logged without a token: a thousand requests a
    second don't fill the disk. Lines are equal whatever values they hold, except for errors, whose
    texts are our own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the record; add the number of repeats left out to its text."""
        text, now = record.getMessage(), time.monotonic()
        kind = record.name, text if record.levelno >= logging.ERROR else str(record.msg)
        since, unsaid = self._said.pop(kind, (-math.inf, 0))
        if now - since < EVERY:
            self._said[kind] = since, unsaid + 1
            return False
        if len(self._said) >= KINDS:
            del self._said[next(iter(self._said))]
        self._said[kind] = now, 0
        if unsaid:
            record.msg, record.args = f"{text} (and {unsaid} more times since last logged)", ()
        return True


class TextFilter(logging.Filter):
    """Drops a library's lines that contain one of the texts, before their values are put in."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        super().__init__()
        self.texts = texts

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to keep the record."""
        text = str(record.msg)
        return not any(each in text for each in self.texts)


def leave_out(logger_name: str, texts: tuple[str, ...]) -> None:
    """Keep lines with one of the texts out of the logger, however often this is called."""
    logger = logging.getLogger(logger_name)
    if not any(isinstance(each, TextFilter) and each.texts == texts for each in logger.filters):
        logger.addFilter(TextFilter(texts))
