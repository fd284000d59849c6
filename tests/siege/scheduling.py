"""Process priorities on a shared machine, and time spent waiting for a processor."""

import os
from contextlib import suppress
from pathlib import Path

PRIORITY = -10


def prefer(pid: int) -> None:
    """Raise a process's priority over others on this machine, if that is permitted.

    In production, what is measured would have a machine of its own.
    """
    with suppress(PermissionError, ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, PRIORITY)
    # Priorities only count within a session; this one is the session's.
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(f"{PRIORITY}")


def scheduled(pid: int) -> tuple[float, float]:
    """Return the seconds that a process's main thread had a processor, and waited for one."""
    try:
        worked, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    except OSError:
        return 0.0, 0.0
    return int(worked) / 1e9, int(waited) / 1e9
