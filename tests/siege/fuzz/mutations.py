"""Making valid things invalid: bytes, request heads, chunked bodies, JSON."""

import json
from random import Random
from typing import Any

LONGEST = 20_000
"""Most items in a list, however often it is lengthened."""
NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, 10**400, 1e308, 0.1, -0.0)
TEXTS = (
    *("", " ", "\x00", "\ud800", "\U0010ffff", "\u202e", "﷽", "a" * 70_000, "null", "true"),
    *("Recall:0", "Recall:-1", "Patient:" + "9" * 30, "::", "%00", "../../etc/passwd", "'", '"'),
    *("{", "}", "{" * 200, "query { viewer", "${x}", "{firstName}", "=1+1", "\r\n", "🤖" * 200),
)
NAMES = ("query", "variables", "operationName", "extensions", "documentId", "id", "type", "payload")
PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b"\t", b" ", b":", b";", b",", b"%", b"%00", b"%zz"),
    *(b"\r\n\r\n", b"\xc0\x80", b"\xed\xa0\x80", b"0" * 40, b"-1", b"ffffffffffffffff", b"{", b'"'),
)
FIELDS = (
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Content-Length: 5"),
    *(b"Content-Length: -1", b"Content-Length: 99999999999", b"Content-Length: +3", b"Host: a"),
    *(b"Host:", b"Expect: 100-continue", b"Connection: Upgrade", b"Upgrade: websocket", b"TE: x"),
    *(b"Upgrade: h2c", b"Content-Encoding: gzip", b"Content-Type: text/plain", b"X: \xff\xfe"),
    *(b"Content-Type: multipart/form-data; boundary=b", b"Accept: text/event-stream", b": x"),
    *(b"Accept: */*;q=9", b"Accept: application/graphql-response+json", b"Authorization: Bearer"),
    *(b"Accept-Encoding: gzip", b"Range: bytes=0-0,1-1", b"X-Forwarded-For: ::1, x", b"A" * 9_000),
    *(b"Cookie: a=b", b"Sec-WebSocket-Key: x", b"If-None-Match: *", b" folded: x", b"X-HTTP: \x00"),
)
METHODS = (b"GET", b"HEAD", b"PUT", b"OPTIONS", b"TRACE", b"CONNECT", b"PRI", b"post", b"A" * 300)
PATHS = (
    *(b"/", b"//", b"*", b"/graphql/", b"/graphql?query=%7B", b"/graphql?variables=5&query={a}"),
    *(b"http://other.example/healthz", b"/%2e%2e/x", b"/portal/..%2f..%2fetc/passwd", b"/\xff"),
    *(b"/portal/", b"/recalls/x", b"/setup/a/b", b"/graphql#x", b"/?" + b"a" * 9_000, b"/%00"),
    *(b"/graphql?query=%ff", b"/receipts/twilio?reference=%00", b"/portal/assets/%ff"),
)


def bytes_changed(luck: Random, given: bytes, others: list[bytes]) -> bytes:
    """Return the bytes changed: flipped, dropped, doubled, inserted, cut off or spliced."""
    found = bytearray(given)
    for _ in range(luck.choice((1, 1, 2, 4, 8))):
        at = luck.randrange(len(found) + 1)
        to = min(len(found), at + luck.choice((1, 1, 2, 8, 60)))
        match luck.randrange(7):
            case 0 if at < len(found):
                found[at] ^= 1 << luck.randrange(8)
            case 1:
                del found[at:to]
            case 2:
                found[at:at] = found[at:to] * luck.choice((1, 1, 3, 200))
            case 3:
                found[at:at] = luck.choice(PIECES)
            case 4:
                found[at:to] = luck.randbytes(to - at)
            case 5:
                del found[at:]
            case 6:
                other = luck.choice(others)
                found[at:] = other[luck.randrange(len(other)) :]
    return bytes(found)


def head_changed(luck: Random, given: bytes) -> bytes:
    """Return the request with a changed head: its method, its path, its fields."""
    head, _, body = given.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    for _ in range(luck.choice((1, 1, 2, 3))):
        method, path, version = (*lines[0].split(b" ", 2), b"", b"")[:3]
        match luck.randrange(8):
            case 0:
                method = luck.choice(METHODS)
            case 1:
                path = luck.choice(PATHS)
            case 2:
                version = luck.choice((b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"", b"XTTP/1.1"))
            case 3:
                del lines[luck.randrange(len(lines)) or 1 :][:1]
            case 4:
                lines.insert(luck.randint(1, len(lines)), luck.choice(lines[1:] or FIELDS))
            case 5:
                lines += [b"X-%d: y" % n for n in range(luck.choice((10, 150, 2_000)))]
            case _:
                lines.insert(luck.randint(1, len(lines)), luck.choice(FIELDS))
        lines[0] = b" ".join((method, path, version))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(luck: Random, given: bytes) -> bytes:
    """Return the request with its body in chunks, some of them malformed."""
    head, _, body = given.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    parts = [b"Transfer-Encoding: chunked", b"", b""]
    sent = b"\r\n".join(lines + parts)
    while body:
        size = luck.choice((1, 7, 100, 10_000))
        part, body = body[:size], body[size:]
        told = luck.choice((b"%x", b"%x", b"%x", b"%X;a=b", b"0%x", b"%x ", b"-%x")) % len(part)
        sent += told + b"\r\n" + part + luck.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b""))
    return sent + luck.choice((b"0\r\n\r\n", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"0\r\n", b""))


def json_changed(luck: Random, given: Any) -> Any:
    """Return the JSON with one or a few values changed."""
    found = json.loads(json.dumps(given))
    for _ in range(luck.choice((1, 1, 2, 3))):
        found = _changed(luck, found)
    return found


def _changed(luck: Random, given: Any) -> Any:
    if isinstance(given, dict) and given and luck.random() < 0.8:
        name = luck.choice(list(given))
        match luck.randrange(8):
            case 0:
                del given[name]
            case 1:
                given[luck.choice((*NAMES, *TEXTS[:8]))] = given[name]
            case _:
                given[name] = _changed(luck, given[name])
        return given
    if isinstance(given, list) and given and luck.random() < 0.7:
        at = luck.randrange(len(given))
        if luck.random() < 0.3:
            return given * min(luck.choice((0, 2, 1_001, LONGEST)), LONGEST // len(given))
        given[at] = _changed(luck, given[at])
        return given
    if isinstance(given, str) and given and luck.random() < 0.5:
        at = luck.randrange(len(given))
        return given[:at] + luck.choice(TEXTS) + given[at + luck.choice((0, 0, 1, 5)) :]
    return _something(luck, given)


def _something(luck: Random, given: Any) -> Any:
    match luck.randrange(8):
        case 0:
            return None
        case 1:
            return luck.choice(NUMBERS)
        case 2 | 3:
            return luck.choice(TEXTS)
        case 4:
            return [given]
        case 5:
            return {luck.choice(NAMES): given}
        case 6:
            nested: Any = given
            for _ in range(luck.choice((3, 60, 900))):
                nested = [nested] if luck.random() < 0.5 else {"a": nested}
            return nested
        case _:
            return luck.choice((True, False, [], {}))


def written(luck: Random, given: Any) -> bytes:
    """Return JSON as text, sometimes as no library would write it."""
    try:
        text = json.dumps(given, ensure_ascii=luck.random() < 0.5)
    except (ValueError, RecursionError):
        text = "[" * 5_000
    if luck.random() < 0.1:
        text = text.replace(": ", ":\t\n ").replace("null", luck.choice(("NaN", "nul", "Infinity")))
    return text.encode("utf-8", "surrogatepass")
