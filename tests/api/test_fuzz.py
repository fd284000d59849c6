"""Tests that requests made up by schemathesis find no bug, and that errors have our codes."""

import asyncio
from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes

from tests.api.test_error_codes import CODES
from tests.support.served import Served
from tests.support.tiers import length

EXAMPLES = length(2, 6)
"""Examples per root field and mode; there are some thirty fields and two modes."""


def teach(ids: list[str]) -> None:
    """Tell schemathesis what our scalars are, and which ids exist."""
    dates = st.one_of(st.dates().map(str), st.text(max_size=12))
    times = st.one_of(st.datetimes().map(lambda time: f"{time.isoformat()}Z"), st.text(max_size=12))
    for name, texts in (
        ("Date", dates),
        ("DateTime", times),
        ("ID", st.one_of(st.sampled_from(ids), st.text(max_size=12))),
    ):
        schemathesis.graphql.scalar(name, texts.map(nodes.String))


def fuzz(url: str, token: str, mode: GenerationMode) -> Counter[str]:
    """Send made-up requests for each root field; return how often each code came, or "none"."""
    headers = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.graphql.from_url(
        f"{url}/graphql", headers=headers, config=SchemathesisConfig()
    )
    seen: Counter[str] = Counter()
    with requests.Session() as session:
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()

            @settings(
                max_examples=EXAMPLES,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                answer = case.call(headers=headers, session=session)
                assert answer.status_code < 500, case.body
                errors = answer.json().get("errors", [])
                codes = {error["extensions"]["code"] for error in errors} or {"none"}
                assert codes <= CODES | {"none"}, (case.body, errors)
                seen.update(codes)

            ask()
    return seen


@pytest.mark.takes_long("asks for every root field")
@pytest.mark.both
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_no_made_up_request_finds_a_bug(
    served: Served, monkeypatch: pytest.MonkeyPatch, mode: GenerationMode
) -> None:
    # given
    recall = await served.practice.recall()
    await served.practice.send(recall)
    teach(
        [
            f"Recall:{recall}",
            "Patient:1",
            "Category:1",
            "Run:1",
            "AccessToken:9",
            "ContactAttempt:1",
        ]
    )
    monkeypatch.setenv("RECALLS_RATE", "0")
    async with served.again() as unlimited:
        # when
        seen = await asyncio.to_thread(fuzz, unlimited.url, served.admin, mode)
    # then
    assert seen["none"] > EXAMPLES
    assert seen["BAD_USER_INPUT"] > EXAMPLES
