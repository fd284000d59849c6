"""Fuzzing by the schema: documents that schemathesis makes up for each root field and role."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes

from tests.siege.facts import Facts
from tests.siege.fuzz.findings import Findings, wrong_in_answers
from tests.siege.wire import GONE, Line, operation

SCHEMA = Path(__file__).parents[3] / "schema" / "schema.graphql"
EXAMPLES = 4
"""Documents for a root field before it's the next one's turn."""


def teach(facts: Facts) -> None:
    """Teach schemathesis our scalars and the ids that exist."""
    ids = [*facts.attacked.recalls[:20], facts.busy_recall, facts.run, facts.other.recalls[0]]
    ids += ["Patient:1", "Category:1", "ContactAttempt:1", "AccessToken:99999", "Run:99"]
    dates = st.one_of(st.dates().map(str), st.text(max_size=12))
    times = st.one_of(st.datetimes().map(lambda time: f"{time.isoformat()}Z"), st.text(max_size=12))
    for name, texts in (
        ("Date", dates),
        ("DateTime", times),
        ("ID", st.one_of(st.sampled_from(ids), st.text(max_size=12))),
    ):
        schemathesis.graphql.scalar(name, texts.map(nodes.String))


class Schema:
    """Made-up documents for the root fields, one field after the other."""

    def __init__(self, facts: Facts, seed_text: str, findings: Findings) -> None:
        teach(facts)
        found = schemathesis.graphql.from_path(SCHEMA, config=SchemathesisConfig())
        self._fields = [each.ok() for each in found.get_all_operations() if isinstance(each, Ok)]
        self._facts, self._findings, self._seed = facts, findings, seed_text

    def ask(self, number: int) -> None:
        """Send some documents for one field; the number decides which, how and as whom."""
        luck, side = Random(f"{self._seed} {number}"), self._facts.attacked  # noqa: S311
        field = self._fields[number % len(self._fields)]
        mode = luck.choice((GenerationMode.POSITIVE, GenerationMode.NEGATIVE))
        token = luck.choice((side.admin, side.admin, side.receptionist, side.connector))
        loop = asyncio.new_event_loop()

        @seed(luck.getrandbits(64))
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=field.as_strategy(generation_mode=mode))
        def asked(case: Any) -> None:
            sent = operation(token, case.body)
            self._findings.begin(sent)
            # A new one each time: making up a case can take longer than a connection is kept open.
            line = Line(self._facts.port)
            try:
                answer = loop.run_until_complete(line.ask(sent))
            except GONE:
                self._findings.add("the connection was cut", sent)
                return
            finally:
                line.close()
            back = f"HTTP/1.1 {answer.status} \r\n\r\n".encode() + answer.body
            if wrong := wrong_in_answers(back):
                self._findings.add(wrong, sent, back)

        try:
            asked()
        finally:
            loop.close()
