"""Tests of ``python -m dev.demo`` as people run it: what it says, keeps and never leaves behind."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 40.0
DEMO = (sys.executable, "-m", "dev.demo")


@dataclass
class Demo:
    """A demo as a process of its own, with its output in a file."""

    process: "subprocess.Popen[bytes]"
    var: Path
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def described(self) -> Any:
        return json.loads((self.var / "demo.json").read_text())

    def says(self, text: str) -> None:
        eventually(lambda: text in self.said or self.process.poll() is not None)
        assert text in self.said, self.said

    def family(self) -> list[psutil.Process]:
        children: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return children


@dataclass
class Ended:
    """A demo's exit code, its output, and its processes that are left."""

    code: int
    said: str
    left: list[psutil.Process]


def eventually(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(**changes: str) -> dict[str, str]:
    ports = {"PORT": str(free_port()), "SIMULATOR_PORT": str(free_port())}
    return os.environ | ports | {"RESET": ""} | changes


@contextlib.contextmanager
def started(var: Path, *wrapper: str, **changes: str) -> Iterator[Demo]:
    """Start a demo on ``var``, with the command ``wrapper`` if any; kill it if it still runs."""
    output = var.with_suffix(".out")
    with (
        output.open("wb") as file,
        subprocess.Popen(
            [*wrapper, *DEMO, "--var", str(var)],
            cwd=ROOT,
            env=environment(**changes),
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Demo(process, var, output)
        finally:
            process.kill()


def ended(demo: Demo, number: signal.Signals, *, victim: psutil.Process | None = None) -> Ended:
    """Signal the demo, or the ``victim`` among its processes; return how the demo ended."""
    family = demo.family()
    assert {"postgres", "valkey-server"} <= {process.name() for process in family}
    (victim or demo.process).send_signal(number)
    code = demo.process.wait(DEADLINE_SECONDS)
    if number is signal.SIGKILL and victim is None:
        # It had no time to wait for them; they end by themselves.
        eventually(lambda: not any(map(lives, family)))
    return Ended(code, demo.said, [process for process in family if lives(process)])


def refused(var: Path, **changes: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*DEMO, "--var", str(var)],
        cwd=ROOT,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "var"


@pytest.fixture(scope="module")
def first(var: Path) -> tuple[Any, Ended]:
    """The first demo on an empty directory, ended by Ctrl-C: its demo.json and its end."""
    with started(var) as demo:
        demo.says("Ready.\n")
        return demo.described, ended(demo, signal.SIGINT)


@pytest.fixture(scope="module")
def killed(var: Path, first: object) -> Ended:  # noqa: ARG001 - its data are used
    """The second demo, on the data of the first, killed with no chance to clean up."""
    with started(var) as demo:
        demo.says("Ready.\n")
        return ended(demo, signal.SIGKILL)


@pytest.fixture(scope="module")
def running(var: Path, killed: object) -> Iterator[Demo]:  # noqa: ARG001 - its data are used
    """The third demo, on the same data, while it runs."""
    with started(var) as demo:
        demo.says("Ready.\n")
        yield demo


def test_the_first_start_says_what_was_sent_and_refused(first: tuple[Any, Ended]) -> None:
    # given a demo that was started afresh
    _, end = first
    # when its output is read
    sent = [int(count) for count in re.findall(r"Sent\D+(\d+)", end.said)]
    # then each practice has sent messages, and refused some for a reason that staff understand
    assert len(sent) == 2
    assert min(sent) > 0
    assert end.said.count("Mobile number blocked in your blocked communication list") == 2


def test_output_that_goes_to_a_file_has_no_control_codes(first: tuple[Any, Ended]) -> None:
    # given a demo whose output went to a file
    _, end = first
    # when it is read
    codes = re.findall(r"[\x00-\x09\x0b-\x1f\x7f]", end.said)
    # then it is text and nothing else
    assert codes == []


def test_ctrl_c_stops_everything(first: tuple[Any, Ended]) -> None:
    # given a demo that was interrupted
    _, end = first
    # when it has ended
    # then it says so, none of its processes is left, and that is no error
    assert end.said.endswith("Stopped.\n")
    assert (end.code, end.left) == (0, [])


def test_a_killed_demo_leaves_no_process(killed: Ended) -> None:
    # given a demo that was killed
    # when its processes have noticed
    # then none is left
    assert killed.code == -signal.SIGKILL
    assert killed.left == []


def test_a_later_start_keeps_data_and_tokens(first: tuple[Any, Ended], running: Demo) -> None:
    # given a demo on the data of another
    before, _ = first
    # when it describes itself
    now = running.described
    # then its practices and their tokens are the same, and nothing is sent twice
    assert now["practices"] == before["practices"]
    assert running.said.count("Nothing was sent") == 2


async def ask(running: Demo, token: str, query: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(running.described["url"], json={"query": query}) as answer,
    ):
        return await answer.json()


@pytest.mark.parametrize("role", ["ADMIN", "RECEPTIONIST"])
async def test_the_tokens_of_staff_open_their_practice(role: str, running: Demo) -> None:
    # given a running demo's description for scripts
    query = "{ viewer { role } practice { id name pms { product } } }"
    for practice in running.described["practices"]:
        # when a staff token is used
        answer = await ask(running, practice["tokens"][role], query)
        # then it opens the practice described, in that role
        assert answer["data"]["viewer"] == {"role": role}
        assert answer["data"]["practice"] == {
            "id": practice["id"],
            "name": practice["name"],
            "pms": {"product": practice["pms"]},
        }


async def test_the_tokens_of_connectors_are_known_as_such(running: Demo) -> None:
    # given a running demo's description for scripts
    for practice in running.described["practices"]:
        # when the connector's token is used for something that only staff may do
        answer = await ask(running, practice["tokens"]["CONNECTOR"], "{ viewer { role } }")
        # then the API knows the token, and what it isn't for
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_a_stop_written_on_a_patients_phone_blocks_it(running: Demo) -> None:
    # given a patient in a running demo who got a message
    assert f"The patients' phones: {running.described['simulator']}/" in running.said
    [token] = [
        practice["tokens"]["ADMIN"]
        for practice in running.described["practices"]
        if practice["pms"] == "MEDICAL_DIRECTOR"
    ]
    sendable = "{ recalls(tab: TO_ACTION, filter: { blocked: false }) { nodes { id } } }"
    recalls = (await ask(running, token, sendable))["data"]["recalls"]["nodes"]
    ids = json.dumps([recall["id"] for recall in recalls])
    send = f"""mutation {{
        sendRecalls(input: {{ recallIds: {ids}, idempotencyKey: "phones" }}) {{ __typename }}
    }}"""
    assert (await ask(running, token, send))["data"]["sendRecalls"]["__typename"] == "Run"
    async with aiohttp.ClientSession(running.described["simulator"]) as simulator:
        number = await number_of_a_phone(simulator)
        # when STOP is written back on it
        reply = {"from": number, "body": "STOP"}
        async with simulator.post("/replies", json=reply) as taken:
            # then Recalls takes it, and blocks the number
            assert taken.status == 201
    entry = f"""{{
        blockedCommunications(search: "{number}") {{ nodes {{ mobile blockedRecalls }} }}
    }}"""
    assert (await ask(running, token, entry))["data"]["blockedCommunications"]["nodes"] == [
        {"mobile": number, "blockedRecalls": True}
    ]


async def number_of_a_phone(simulator: aiohttp.ClientSession) -> str:
    """Wait for a message, and return the number that it went to."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            async with simulator.get("/phones") as answer:
                for phone in (await answer.json())["phones"]:
                    return str(phone["number"])
            await asyncio.sleep(0.05)


def test_demo_json_is_for_its_owner_alone(running: Demo) -> None:
    # given a running demo
    # when the mode of its token file is read
    mode = (running.var / "demo.json").stat().st_mode
    # then nobody else may read it
    assert mode & 0o777 == 0o600


def test_a_port_in_use_is_reported_clearly(tmp_path: Path) -> None:
    # given a port on which something listens
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        # when a demo is told to use it
        result = refused(tmp_path / "var", PORT=str(port))
    # then it says so and starts nothing
    assert result.stderr == (
        f"Port {port} is in use: stop what uses it, or choose another: make demo PORT={port + 1}\n"
    )
    assert result.returncode == 1
    assert not (tmp_path / "var").exists()


def test_a_second_demo_on_the_same_directory_is_refused(running: Demo) -> None:
    # given a running demo
    # when another is started on its directory, even to start afresh
    result = refused(running.var, RESET="1")
    # then it says so, and touches nothing
    assert result.stderr == f"A demo is already running in {running.var}: stop it first.\n"
    assert result.returncode == 1
    assert running.described


def test_a_child_that_dies_ends_the_demo_with_its_log(tmp_path: Path) -> None:
    # given a demo whose simulator is up
    with started(tmp_path / "var") as demo:
        demo.says("Starting the simulator")
        eventually(lambda: simulators(demo))
        [simulator] = simulators(demo)
        # when somebody kills the simulator
        end = ended(demo, signal.SIGKILL, victim=simulator)
    # then the demo says what died and where to look, and stops everything
    assert f"simulator ended with code 137; the end of {tmp_path}/var/log/simulator.log" in end.said
    assert (end.code, end.left) == (1, [])


def simulators(demo: Demo) -> list[psutil.Process]:
    found = []
    for process in demo.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.cmdline()[1:3] == ["-m", "dev.simulator"]:
                found.append(process)
    return found


def test_a_demo_stopped_while_it_sets_itself_up_leaves_no_process(tmp_path: Path) -> None:
    # given a demo that has only just begun
    with started(tmp_path / "var") as demo:
        demo.says("Starting PostgreSQL")
        eventually(demo.family)
        family = demo.family()
        # when it is told to stop
        demo.process.terminate()
        code = demo.process.wait(DEADLINE_SECONDS)
    # then it stops everything, and leaves no description
    assert demo.said.endswith("Stopped.\n")
    assert (code, [process for process in family if lives(process)]) == (0, [])
    assert not (tmp_path / "var" / "demo.json").exists()


def test_a_demo_stops_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    # given a demo started by a shell, as make does
    with started(tmp_path / "var", "sh", "-c", '"$@" & wait', "sh") as demo:
        demo.says("Starting the simulator")
        family = demo.family()
        # when the shell is killed
        demo.process.kill()
        # then the demo stops everything, and then itself
        eventually(lambda: not any(map(lives, family)))
    assert demo.said.endswith("Stopped.\n")


@pytest.mark.parametrize("reset", ["", "1"])
def test_half_made_data_and_reset_start_afresh(reset: str, tmp_path: Path) -> None:
    # given the data of a stopped demo, complete if they will be reset
    var = tmp_path / "var"
    with started(var) as demo:
        demo.says("Starting the simulator")
        ended(demo, signal.SIGTERM)
    if not reset:
        (var / "servers" / "seeded").unlink()
    # when a demo is started on them
    with started(var, RESET=reset) as demo:
        demo.says("Ready.\n")
        # then it makes them anew: two practices and no others
        assert "Making up two practices" in demo.said
        assert len(demo.described["practices"]) == 2
        ended(demo, signal.SIGTERM)
