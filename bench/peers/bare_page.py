"""The limit of the first view: the shipped API, with one more page, which does without React.

The page shows the same rows from one request for the same document. It is given its token, and
asks neither how to sign in nor who has.
"""

import os
from pathlib import Path
from typing import Any

import uvicorn
from starlette.responses import FileResponse

from api.app import make_app
from api.serving import OPTIONS

PATH = "/bare"
PAGE = Path(__file__).with_suffix(".html")


def with_bare_page() -> Any:
    """Return the shipped application, with the page."""
    shipped = make_app()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        is_page = scope["type"] == "http" and scope["path"] == PATH
        await (FileResponse(PAGE) if is_page else shipped)(scope, receive, send)

    return app


if __name__ == "__main__":
    uvicorn.run(
        with_bare_page,
        factory=True,
        host=os.environ["RECALLS_HOST"],
        port=int(os.environ["RECALLS_PORT"]),
        **OPTIONS,
    )
