"""The portal's files, compressed by its build."""

import mimetypes

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Encodings, best first, with the suffix that the build adds to a file's name."""


class Assets(StaticFiles):
    """Static files, each in the smallest form that the browser accepts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file. Raises 404 or 405 as ``StaticFiles`` does."""
        whole = await super().get_response(path, scope)
        if not isinstance(whole, FileResponse):
            return whole
        taken = _taken(Headers(scope=scope).get("accept-encoding", ""))
        for encoding, suffix in ENCODINGS.items():
            small, stat = self.lookup_path(path + suffix)
            if encoding in taken and stat is not None:
                headers = {"Content-Encoding": encoding, "Vary": "Accept-Encoding"}
                kind, _ = mimetypes.guess_type(path)
                return FileResponse(small, stat_result=stat, media_type=kind, headers=headers)
        return whole


def _taken(accept: str) -> set[str]:
    """Return the encodings that an Accept-Encoding header names and doesn't refuse."""
    named = (each.replace(" ", "").lower().partition(";q=") for each in accept.split(","))
    return {name for name, _, weight in named if not weight or weight.strip("0.")}
