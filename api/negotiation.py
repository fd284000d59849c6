"""What a request may be written in, and what its answer is to be written in."""

import re
from functools import lru_cache

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"
ANSWERS = (JSON, GRAPHQL_JSON, EVENTS)
QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)", re.ASCII)
CACHE_SIZE = 256
"""Headers that are remembered."""
LONGEST = 256
"""Letters of a header that is read and remembered."""


def is_json(content_type: str) -> bool:
    """Tell whether a Content-Type says JSON in UTF-8: the only one that a body may have.

    A page of another site can't send that one without asking first, unlike forms and plain text.
    """
    return len(content_type) <= LONGEST and _is_json(content_type)


def answers_for(accept: str) -> tuple[str, ...]:
    """Give those of ``ANSWERS`` that an Accept header takes, the one to give first.

    JSON for who takes anything, or says more than anybody needs to; events only for who names them.
    """
    return _answers_for(accept if len(accept) <= LONGEST else "")


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
    found.sort(key=lambda each: each[:3])  # in the order of ANSWERS where all else is the same
    return tuple(media for *_, media in found)


def _ranges(accept: str) -> dict[str, tuple[int, float]]:
    """Give the place and the quality of each media range; what has none that is valid is left out.

    Other parameters say nothing here: everything is UTF-8.
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
