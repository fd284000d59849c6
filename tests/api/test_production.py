"""Tests of what production keeps to itself."""

import pytest

from tests.support.served import Served

WHO = "{ viewer { name } }"
TYPO = "{ viewer { nam } }"
SUGGESTING = [
    TYPO,
    "{ recals { totalCount } }",
    "{ recalls(frst: 5) { totalCount } }",
    "{ recalls(tab: CALS) { totalCount } }",
    "{ recalls(filter: {blockd: true}) { totalCount } }",
    "query ($f: RecalFilter) { recalls(filter: $f) { totalCount } }",
    "{ node(id: 5) { ... on Recal { id } } }",
    "{ viewer { name @includ(if: true) } }",
    "mutation { blockMobile(input: {mobil: 5}) { __typename } }",
]


@pytest.mark.parametrize("document", SUGGESTING)
async def test_production_suggests_no_names_of_the_schema(
    production: Served, document: str
) -> None:
    # when
    errors = await production.errors(document)
    # then
    assert errors
    for error_code, message in errors:
        assert error_code == "BAD_USER_INPUT"
        assert "Did you mean" not in message


async def test_production_suggests_no_names_over_a_websocket(production: Served) -> None:
    # when
    async with production.operations() as operations:
        answers = [await operations.all(document) for document in SUGGESTING]
    # then
    assert all(answer["errors"] for [answer] in answers)
    assert "Did you mean" not in str(answers)


async def test_production_suggests_no_names_for_variables(production: Served) -> None:
    # when
    document = (
        "query ($f: RecallFilter, $t: RecallTab) { recalls(filter: $f, tab: $t) { nodes { id } } }"
    )
    for variables in ({"f": {"blockd": True}}, {"t": "CALS"}):
        errors = await production.errors(document, variables)
        # then
        assert errors
        assert all("Did you mean" not in message for _, message in errors)


async def test_development_does_suggest_names(served: Served) -> None:
    # when
    [(_, message)] = await served.errors(TYPO)
    # then
    assert "Did you mean 'name'?" in message


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { types { name } } }",
        '{ x: __type(name: "Recall") { name } }',
        "{ ...F } fragment F on Query { ... { __schema { queryType { name } } } }",
        "query A { viewer { name } } query B { __schema { queryType { name } } }",
    ],
)
async def test_production_doesnt_reveal_its_schema(production: Served, document: str) -> None:
    # when
    answer = await production.ask(document)
    # then
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_production_has_no_graphiql(production: Served) -> None:
    # when
    async with production.http.get("/graphql", headers={"Accept": "text/html"}) as answer:
        content = await answer.text()
    # then
    assert answer.status >= 400
    assert "<html" not in content


async def test_production_answers_what_it_should(production: Served) -> None:
    # when / then
    assert await production.query(WHO) == {"name": "Admin"}
    assert await production.query("{ __typename viewer { name } }".replace("__typename ", "")) == {
        "name": "Admin"
    }
    assert "errors" not in await production.ask("{ __typename }")


async def test_production_asks_browsers_for_tls_from_now_on(
    production: Served,
) -> None:
    # when
    async with production.http.get("/healthz") as answer:
        # then
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(
    "query", [WHO, "query ($s: String) { recalls(filter: {search: $s}) { totalCount } }"]
)
async def test_production_takes_no_operation_in_a_url(production: Served, query: str) -> None:
    # when
    headers = {"Authorization": f"Bearer {production.admin}"}
    params = {"query": query, "variables": '{"s": "Ann"}'}
    async with production.http.get("/graphql", params=params, headers=headers) as answer:
        # then
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"
