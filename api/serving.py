"""How uvicorn serves, for the command and for the tests alike."""

import logging
import warnings
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from api.edge import SMALL


class Sockets(WebSocketsSansIOProtocol):
    """uvicorn's WebSockets; a server that stops isn't held up by one that is closing already."""

    def shutdown(self) -> None:
        """Close the connection, telling the client unless that has said goodbye itself."""
        try:
            super().shutdown()
        except InvalidState:
            self.transport.close()


OPTIONS: dict[str, Any] = {
    # No access log: it would keep who asked what and when, which is the audit's to keep.
    "access_log": False,
    # What answers is nobody's business.
    "server_header": False,
    "ws": "api.serving:Sockets",
    # Bytes of a WebSocket's message, decompressed; 16 times that without this.
    "ws_max_size": SMALL,
}


GIVEN_UP = r"coroutine '(Executor|GraphQLCoreConverter)\."
"""What Python warns of when an operation is given up before all of its fields have begun.

graphql-core makes the coroutines of an object's fields at once, and awaits none where it's
cancelled before their first step: they have done nothing, and there is nothing to be done.
"""


class _Kept(logging.Filter):
    """Leaves out what uvicorn says of each WebSocket: its URL, and the bytes that are no text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is to be kept."""
        text = str(record.msg)
        return '"WebSocket ' not in text and "Invalid UTF-8 sequence" not in text


def quieten() -> None:
    """Have nothing logged that a client decides on: by what it sends, or by hanging up."""
    warnings.filterwarnings("ignore", GIVEN_UP, RuntimeWarning)
    logger = logging.getLogger("uvicorn.error")
    if not any(isinstance(each, _Kept) for each in logger.filters):
        logger.addFilter(_Kept())
