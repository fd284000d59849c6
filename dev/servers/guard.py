"""Runs a command that ends when the process that started it ends, even by ``kill -9``.

``python -m dev.servers.guard -- COMMAND ARG...`` runs COMMAND in a session of its own for as long
as the guard's standard input stays open. The parent holds the other end of that pipe, and the
system closes it when the parent dies, whatever the cause.
"""

import argparse
import asyncio
import contextlib
import os
import pwd
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

GRACE_SECONDS = 10.0
NOT_STARTED = 127
"""The exit code for a command that cannot be run, as in a shell."""
SIGNALLED = 128
"""A shell adds this to the number of the signal that ended a command."""


def stop_requests() -> asyncio.Event:
    """Return an event that is set when standard input ends or on SIGTERM or SIGINT.

    Call it inside a running event loop. Exits with a message when standard input is a plain file
    or the null device, since their end says nothing about a parent.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    stdin = sys.stdin.fileno()

    def read() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            stop.set()

    try:
        loop.add_reader(stdin, read)
    except PermissionError:
        sys.exit("standard input must be a pipe or a terminal: its end is the request to stop")
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def guard(
    argv: Sequence[str],
    *,
    grace: float = GRACE_SECONDS,
    stop_signal: signal.Signals = signal.SIGTERM,
    user: str | None = None,
) -> int:
    """Run ``argv`` until it exits or a stop is requested; return its exit code.

    On a request to stop, the command's process group gets ``stop_signal``, and SIGKILL ``grace``
    seconds later. ``user`` is the account to run as, which only root can choose.
    """
    stop = asyncio.create_task(stop_requests().wait())
    try:
        child = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            **_account(user),
        )
    except OSError as error:
        print(f"guard: cannot run {argv[0]}: {error.strerror}", file=sys.stderr)
        return NOT_STARTED
    ended = asyncio.create_task(child.wait())
    await asyncio.wait({stop, ended}, return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        _signal_group(child.pid, stop_signal)
        await asyncio.wait({ended}, timeout=grace)
    # The command may have left processes behind: nothing in its group may stay.
    _signal_group(child.pid, signal.SIGKILL)
    code = await ended
    return code if code >= 0 else SIGNALLED - code


def _account(user: str | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _signal_group(group: int, number: signal.Signals) -> None:
    # macOS answers "not permitted" for a group in which only dead processes are left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class Guarded:
    """A command running under a guard that this process holds by a pipe."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self._process = process

    @classmethod
    async def start(
        cls,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        grace: float = GRACE_SECONDS,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
    ) -> Self:
        """Run ``argv`` under a guard in a new session, out of reach of the terminal's Ctrl-C.

        ``env`` replaces the environment; what the command prints is appended to ``log``, or goes
        where this process prints. The other arguments are those of ``guard``.
        """
        options = [f"--grace={grace}", f"--signal={stop_signal.name}"]
        if user is not None:
            options.append(f"--user={user}")
        with contextlib.ExitStack() as stack:
            output = None if log is None else stack.enter_context(_appended(log))
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",  # needs only the standard library, from any directory
                __file__,
                *options,
                "--",
                *argv,
                env=env,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return cls(name, process)

    @property
    def returncode(self) -> int | None:
        """The command's exit code as a shell would give it, or None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait until the command has ended by itself; return its exit code."""
        return await self._process.wait()

    async def stop(self) -> int:
        """Close the pipe, which makes the guard stop the command; return its exit code."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        return await self._process.wait()


def _appended(log: Path) -> BinaryIO:
    return log.open("ab")


def main() -> None:
    """Run the command line's COMMAND under this guard and exit with its code."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.servers.guard",
        description="Run COMMAND in a session of its own until standard input ends or on SIGTERM"
        " or SIGINT.",
    )
    parser.add_argument(
        "--grace",
        type=float,
        default=GRACE_SECONDS,
        metavar="SECONDS",
        help="seconds from the stop signal to SIGKILL (%(default)s)",
    )
    parser.add_argument(
        "--signal",
        type=signal.Signals.__getitem__,
        default=signal.SIGTERM,
        metavar="NAME",
        help="signal that asks COMMAND to stop (SIGTERM)",
    )
    parser.add_argument("--user", help="account to run COMMAND as, which only root can choose")
    parser.add_argument("command", nargs="+", metavar="COMMAND ARG")
    options = parser.parse_args()
    sys.exit(
        asyncio.run(
            guard(
                options.command,
                grace=options.grace,
                stop_signal=options.signal,
                user=options.user,
            )
        )
    )


if __name__ == "__main__":
    main()
