"""An override of aiohttp: a request is written before a deadline, or not at all.

tests/workers/test_aiohttp_patches.py says when it can go.
"""

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from workers.clock import Deadline


class DeadlinePassed(aiohttp.ClientError):
    """The deadline passed before the first byte of the request was written."""


class TimelyForm(aiohttp.BytesPayload):
    """An encoded form that is written before `deadline` or not at all; `written` tells which.

    aiohttp calls this right before it writes; the headers wait in its buffer for the first bytes.
    Checking any earlier (when the connection is acquired, or in one of aiohttp's trace signals)
    would let a process that was frozen in between write after the deadline.
    """

    def __init__(self, form: bytes, deadline: Deadline) -> None:
        super().__init__(form, content_type="application/x-www-form-urlencoded")
        self.deadline = deadline
        self.written = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write the form, or raise DeadlinePassed if it is too late."""
        if self.deadline.is_over:
            raise DeadlinePassed
        self.written = True
        await super().write_with_length(writer, content_length)
