"""Tests that a schema change that would break a client is noticed."""

import pytest
from graphql import build_schema

from schema.snapshot import CONTRACT, SNAPSHOT, differences, problems

OLD = """
type Query { one(a: Int = 1, b: B): One  all: [One!]! }
type One { id: ID!  name: String!  note: String }
input B { x: Int  y: Int! = 5 }
enum E { A B }
union U = One | Two
type Two { e: E  u: U }
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  note: String }", " }", "note"),
        ("name: String!", "name: String", "name"),
        ("all: [One!]!", "all: [One]!", "all"),
        ("a: Int = 1", "a: Int = 2", "a"),
        ("a: Int = 1", "a: Int! ", "a"),
        ("y: Int! = 5", "y: Int! = 6", "y"),
        ("x: Int ", "x: Int! ", "x"),
        ("input B { x: Int", "input B { z: Int!  x: Int", "z"),
        ("enum E { A B }", "enum E { A }", "E"),
        ("union U = One | Two", "union U = One", "U"),
        ("note: String }", "note: Int }", "note"),
    ],
)
def test_a_change_that_would_break_a_client_is_reported(old: str, new: str, told: str) -> None:
    # given
    assert old in OLD
    # when
    found = differences(OLD, build_schema(OLD.replace(old, new)))
    # then
    assert len(found) == 1
    assert told in found[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("note: String }", "note: String  more: Int }"),
        ("note: String }", "note: String! }"),
        ("x: Int ", "x: Int  z: Int "),
        ("a: Int = 1", "a: Int = 1, c: Int"),
        ("enum E { A B }", "enum E { A B C }"),
        ("union U = One | Two", "union U = One | Two | Three\ntype Three { a: Int }"),
    ],
)
def test_an_addition_breaks_nobody(old: str, new: str) -> None:
    # given
    assert old in OLD
    # when
    found = differences(OLD, build_schema(OLD.replace(old, new)))
    # then
    assert found == []


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract is not beside this checkout")
def test_the_contract_is_kept() -> None:
    # when
    found = differences(CONTRACT.read_text(), build_schema(SNAPSHOT.read_text()))
    # then
    assert found == []


def test_the_snapshot_is_the_served_schema() -> None:
    assert problems() == []
