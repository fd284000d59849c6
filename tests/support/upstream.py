"""What a library still does or lacks; if it no longer does, the override that can be removed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def still_raises(kind: type[BaseException], mended: str) -> Iterator[None]:
    """Fail unless the body raises ``kind``; ``mended`` says what can be removed then."""
    try:
        yield
    except kind:
        return
    pytest.fail(mended)
