"""What a fuzzer looks for in answers, and how findings are kept: the bytes that were sent."""

import hashlib
import json
import re
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

from tests.api.test_error_codes import CODES
from tests.siege.served import LONG

STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
CODE = re.compile(rb'"code": ?"([^"]*)"')
WORDS = (b"Traceback", b"asyncpg", b"psycopg", b"Internal Server Error", b"SQLSTATE")
"""Words that no answer may contain."""
CLOSED = {1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 3000}
CLOSED |= {4400, 4401, 4403, 4406, 4408, 4409, 4429}
"""Codes that a WebSocket may be closed with."""
KINDS = ("schema", "requests", "sockets")
"""Kinds of fuzzers."""
SEEN = "seen"
"""The file that the watched process writes to: see ``tests/siege/served.py``."""
BETWEEN = b"\n\n=====\n\n"
"""Separates cases that are kept together."""
AROUND = 0.2
"""Seconds before a sighting in which the cases begun may have caused it."""
KEPT = 5_000
"""Cases remembered, so that those can be saved."""


def wrong_in_answers(sent_back: bytes) -> str | None:
    """Return what is wrong with an answer over HTTP, or None."""
    if sent_back and not sent_back.startswith(b"HTTP/1.1 "):
        return "no HTTP"
    for status in STATUS.findall(sent_back):
        if status >= b"500":
            return f"status {status.decode()}"
    return wrong_in_text(sent_back)


def wrong_in_text(text: bytes) -> str | None:
    """Return what is wrong with a text in an answer (a foreign code, words of a bug), or None."""
    for code in CODE.findall(text):
        if code.decode() not in CODES:
            return f"code {code.decode()[:40]}"
    for words in WORDS:
        if words in text:
            return f"it says {words.decode()}"
    return None


def wrong_in_errors(content: Any) -> str | None:
    """Return what is wrong with an operation's errors, each of which must have one of our codes."""
    errors = content.get("errors", []) if isinstance(content, dict) else content
    for error in errors or []:
        code = error.get("extensions", {}).get("code") if isinstance(error, dict) else None
        if code not in CODES:
            return f"an error of code {code}"
    return None


def wrong_inside(seen: dict[str, Any]) -> str | None:
    """Return what is wrong with what the process saw of itself, or None if it isn't at fault."""
    if "said" in seen:
        return f"the log says: {seen['said'][:200]}"
    # The machine and the fuzzers are to blame for its wait for a processor.
    if seen["worked"] <= LONG:
        return None
    return "the loop stood still for {stood} s, worked {worked}, {where}".format(**seen)


class Findings:
    """One fuzzer's findings, kept in a directory; each kind at most ``MAX`` times."""

    MAX = 5

    def __init__(self, directory: Path, kind: str) -> None:
        self._directory, self._kind = directory, kind
        self._told = 0
        self._recent: deque[tuple[float, bytes]] = deque(maxlen=KEPT)
        self._kinds: Counter[str] = Counter()
        self.found: list[str] = []
        self.cases = 0

    def begin(self, sent: bytes) -> None:
        """Record a case before it is sent."""
        self.cases += 1
        self._recent.append((time.monotonic(), sent))

    def add(self, wrong: str, sent: bytes, sent_back: bytes = b"") -> None:
        """Keep a finding: both sides' bytes."""
        self._kinds[wrong] += 1
        if self._kinds[wrong] > self.MAX:
            return
        name = f"{self._kind}-{hashlib.sha256(sent).hexdigest()[:12]}"
        (self._directory / f"{name}.sent").write_bytes(sent)
        (self._directory / f"{name}.answered").write_bytes(sent_back)
        self.found.append(f"{wrong}: {self._directory / name}.sent")

    def look_inside(self) -> None:
        """Keep the cases sent shortly before the process saw something wrong with itself."""
        path = self._directory / SEEN
        lines = path.read_text().splitlines() if path.exists() else []
        for line in lines[self._told :]:
            seen = json.loads(line)
            if wrong_inside(seen):
                begin = seen["at"] - seen.get("stood", 0) - AROUND
                sent = [each for at, each in self._recent if begin <= at <= seen["at"]]
                path = self._directory / f"inside-{seen['at']:.3f}-{self._kind}.sent"
                path.write_bytes(BETWEEN.join(sent))
        self._told = len(lines)
