"""The limit: rows to dicts to orjson, on bare ASGI. No GraphQL, no types, no checks.

It reads through the same connections as ours, all of them, as the tables' owner, which no policy
slows down.
"""

import os
from typing import Any

import orjson

from bench.peers.page import SIZE, cursor, read_page, serve
from db.pool import READ_SETTINGS, Reads, open_owner_pool

reads: Reads


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the page that the body's variables ask for."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message["body"]
        more = message.get("more_body", False)
    variables = orjson.loads(body)["variables"]
    first = variables["first"]
    rows = await read_page(reads, variables["practice"], first, variables["after"])
    edges = [
        {
            "cursor": cursor(due, key),
            "node": {
                "id": f"Recall:{key}",
                "reason": reason,
                "urgency": urgency,
                "dueDate": due,
                "category": category and {"id": f"Category:{category}", "name": category_name},
                "patient": {
                    "id": f"Patient:{patient}",
                    "firstName": first_name,
                    "lastName": last_name,
                    "mobile": mobile,
                },
                "smsStatus": {
                    "blocked": sms_reason is not None,
                    "reason": sms_reason,
                    "overridable": overridable,
                    "message": message,
                },
            },
        }
        for (
            key,
            reason,
            urgency,
            due,
            category,
            category_name,
            patient,
            first_name,
            last_name,
            mobile,
            sms_reason,
            overridable,
            message,
        ) in rows[:first]
    ]
    page_info = {
        "hasNextPage": len(rows) > first,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }
    reply = orjson.dumps({"data": {"recalls": {"edges": edges, "pageInfo": page_info}}})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(reply)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": reply})


async def _live(receive: Any, send: Any) -> None:
    global reads  # noqa: PLW0603 - the application holds nothing else
    await receive()
    reads = Reads(
        await open_owner_pool(
            os.environ["RECALLS_DATABASE_OWNER_URL"],
            name="limit",
            connections=SIZE,
            settings=READ_SETTINGS,
        ),
        SIZE,
        within=str,
    )
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await reads.close()
    await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    serve("bench.peers.limit:app")
