"""Content negotiation: media types of requests and of their answers."""

import re
from functools import lru_cache

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"
ANSWERS = (JSON, GRAPHQL_JSON, EVENTS)
QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)", re.ASCII)
CACHE_SIZE = 256
"""Headers cached."""
MAX_HEADER_CHARACTERS = 256
"""Characters of the longest header that is read and cached."""


def is_json(content_type: str) -> bool:
    """Return whether a Content-Type is JSON in UTF-8, the only one that a body may have.

    Unlike forms and plain text, another site's page can't send it without a preflight request.
    """
    return len(content_type) <= MAX_HEADER_CHARACTERS and _is_json(content_type)


def answers_for(accept: str) -> tuple[str, ...]:
    """Return those of ``ANSWERS`` that an Accept header accepts, the preferred one first.

    JSON if it accepts anything or is longer than anybody needs; events only if it names them.
    """
    return _answers_for(accept if len(accept) <= MAX_HEADER_CHARACTERS else "")


@lru_cache(CACHE_SIZE)
def _is_json(content_type: str) -> bool:
    media, *parameters = [part.strip() for part in content_type.lower().split(";")]
    charsets = {part[8:].strip('"') for part in parameters if part.startswith("charset=")}
    return media == JSON and charsets <= {"utf-8", "utf8"}


@lru_cache(CACHE_SIZE)
def _answers_for(accept: str) -> tuple[str, ...]:
    ranges = _ranges(accept or "*/*")
    found = []
    for media in ANSWERS:
        if media in ranges:
            place, quality = ranges[media]
            named = True
        else:
            wide = next((each for each in ("application/*", "*/*") if each in ranges), None)
            if wide is None or media == EVENTS:
                continue
            place, quality = ranges[wide]
            named = False
        if quality > 0:
            found.append((-quality, not named, place, media))
    found.sort(key=lambda each: each[:3])  # in the order of ANSWERS if all else is equal
    return tuple(media for *_, media in found)


def _ranges(accept: str) -> dict[str, tuple[int, float]]:
    """Return each media range's place and quality; the quality is 0 if it isn't a valid one.

    Other parameters don't matter, because everything is UTF-8.
    """
    found: dict[str, tuple[int, float]] = {}
    for place, each in enumerate(accept.lower().split(",")):
        media, *parameters = [part.strip() for part in each.split(";")]
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                match = QUALITY.fullmatch(parameter)
                quality = min(float(match[1]), 1.0) if match else 0.0
        found.setdefault(media, (place, quality))
    return found
