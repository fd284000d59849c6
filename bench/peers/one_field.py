"""What the libraries alone take to start: uvicorn, Starlette, a Strawberry schema of one field."""

import os

import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from strawberry.asgi import GraphQL


@strawberry.type
class Query:
    """The one field."""

    answer: int = 42


async def health(_request: Request) -> Response:
    """Answer that it is there."""
    return PlainTextResponse("ok")


def make_app() -> Starlette:
    """Return the application."""
    graphql: GraphQL[None, None] = GraphQL(strawberry.Schema(Query))
    return Starlette(routes=[Route("/healthz", health), Mount("/graphql", graphql)])


if __name__ == "__main__":
    uvicorn.run(
        make_app(),
        host="127.0.0.1",
        port=int(os.environ["RECALLS_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
