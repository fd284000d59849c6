"""The portal's files, which its build has compressed beforehand."""

import mimetypes

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Best first, with what the build appends to a file's name."""


class Assets(StaticFiles):
    """Serves a file as small as the browser takes it; one that isn't compressed, as it is."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give the file, or raise 404 or 405 as ``StaticFiles`` does."""
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
    """Give the encodings that an Accept-Encoding names and doesn't refuse."""
    named = (each.replace(" ", "").lower().partition(";q=") for each in accept.split(","))
    return {name for name, _, weight in named if not weight or weight.strip("0.")}
