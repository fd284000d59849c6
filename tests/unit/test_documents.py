"""Tests of how large a request may be, which is checked before anything else in it is read."""

from typing import Any

import pytest

from api.documents import (
    MAX_DOCUMENT_CHARACTERS,
    MAX_LIST_ITEMS,
    MAX_NAME_CHARACTERS,
    MAX_VALUES,
    DocumentError,
    Documents,
)

DOCUMENTS = Documents({}, others=True)
WHO = "{ viewer { name } }"
ROW = {f"field{n}": n for n in range(12)}
LARGEST: dict[str, dict[str, Any]] = {
    "a document": {"query": WHO + " " * (MAX_DOCUMENT_CHARACTERS - len(WHO))},
    "a name": {"query": WHO, "operationName": "A" * MAX_NAME_CHARACTERS},
    "a list": {"query": WHO, "variables": {"ids": ["1"] * MAX_LIST_ITEMS}},
    "a sync": {"query": WHO, "variables": {"input": [ROW] * MAX_LIST_ITEMS}},
    "variables": {"query": WHO, "variables": {f"v{n}": n for n in range(MAX_VALUES)}},
}
TOO_LARGE: dict[str, tuple[dict[str, Any], str]] = {
    "a document": ({"query": " " * (MAX_DOCUMENT_CHARACTERS + 1)}, "query is longer than"),
    "a name": (
        {"query": WHO, "operationName": "A" * (MAX_NAME_CHARACTERS + 1)},
        "operationName is",
    ),
    "a list": ({"query": WHO, "variables": {"ids": ["1"] * (MAX_LIST_ITEMS + 1)}}, "ids has 1001"),
    "a list in an object": (
        {"query": WHO, "variables": {"input": {"recallIds": ["1"] * (MAX_LIST_ITEMS + 1)}}},
        "recallIds has 1001",
    ),
    "a list in a list": (
        {"query": WHO, "variables": {"ids": [["1"] * (MAX_LIST_ITEMS + 1)]}},
        "ids has 1001",
    ),
    "many lists": ({"query": WHO, "variables": {"a": [[1] * 200] * 200}}, "variables hold"),
    "many variables": (
        {"query": WHO, "variables": {f"v{n}": n for n in range(MAX_VALUES + 1)}},
        "variables hold",
    ),
    "many fields of an object": (
        {"query": WHO, "variables": {"input": {f"v{n}": n for n in range(MAX_VALUES + 1)}}},
        "variables hold",
    ),
}


@pytest.mark.parametrize("request_", LARGEST.values(), ids=list(LARGEST))
def test_the_largest_request_is_accepted(request_: dict[str, Any]) -> None:
    # when / then
    assert DOCUMENTS.document(request_) == request_["query"]


@pytest.mark.parametrize(("request_", "told"), TOO_LARGE.values(), ids=list(TOO_LARGE))
def test_a_larger_request_is_refused_by_the_name_of_its_part(
    request_: dict[str, Any], told: str
) -> None:
    # when / then
    with pytest.raises(DocumentError, match=f"^{told}"):
        DOCUMENTS.document(request_)


def test_a_long_name_of_a_part_is_shortened() -> None:
    # given
    variables = {"x" * 100_000: ["1"] * (MAX_LIST_ITEMS + 1)}
    # when
    with pytest.raises(DocumentError) as refused:
        DOCUMENTS.document({"query": WHO, "variables": variables})
    # then
    assert len(str(refused.value)) < 300
