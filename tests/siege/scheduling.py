"""Who comes first on a machine that others work on, and who waited for a processor."""

import os
from contextlib import suppress
from pathlib import Path

PRIORITY = -10


def prefer(pid: int) -> None:
    """Have a process come before others on this machine, where that is permitted.

    What is measured would have a machine of its own.
    """
    with suppress(PermissionError, ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, pid, PRIORITY)
    # Priorities count among a session's processes; this is the session's own.
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(f"{PRIORITY}")


def scheduled(pid: int) -> tuple[float, float]:
    """Give the seconds that a process's main thread had a processor, and waited for one."""
    try:
        worked, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    except OSError:
        return 0.0, 0.0
    return int(worked) / 1e9, int(waited) / 1e9
