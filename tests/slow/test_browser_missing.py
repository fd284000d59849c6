"""Tests of a machine without Chromium: it is installed if permitted, else missed loudly."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEEING = ROOT / "tests" / "portal" / "test_browser.py::test_pages_are_in_sydney"


def add(programs: Path, name: str, script: str) -> None:
    """Put a program into the folder with all of the machine's."""
    path = programs / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def run(programs: Path, *command: str | Path, **settings: str) -> tuple[int, str, str]:
    """Return the exit code, the output and the error output."""
    env = {name: value for name, value in os.environ.items() if name != "RECALLS_BROWSER"}
    ended = await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=ROOT,
        env=env | {"PATH": str(programs)} | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


async def test_tests_are_skipped_loudly(tmp_path: Path) -> None:
    # when
    code, said, _ = await run(tmp_path, sys.executable, "-m", "pytest", SEEING)
    # then
    assert code == 0, said
    assert "1 skipped" in said
    assert "\nNOT SEEN IN A BROWSER: 1 tests were SKIPPED: no Chromium here" in said


async def test_ci_fails_without_a_browser(tmp_path: Path) -> None:
    # when
    code, said, _ = await run(
        tmp_path, sys.executable, "-m", "pytest", SEEING, RECALLS_BROWSER="required"
    )
    # then
    assert code == 1, said
    assert "NOT SEEN IN A BROWSER: no Chromium here: make browser, as root" in said


async def test_root_gets_debians_chromium(tmp_path: Path) -> None:
    # given
    add(tmp_path, "id", "echo 0")
    add(tmp_path, "apt-get", f'echo "apt-get $*" >>{tmp_path}/done')
    # when
    code, said, warned = await run(tmp_path, ".ci/browser")
    # then
    assert (code, warned) == (0, "")
    assert said.count("\n") == 1
    assert (tmp_path / "done").read_text() == (
        "apt-get update\napt-get install --yes --no-install-recommends"
        " -o Dpkg::Options::=--force-unsafe-io chromium-headless-shell\n"
    )


async def test_a_debian_without_the_shell_gives_the_whole_browser(tmp_path: Path) -> None:
    # given
    add(tmp_path, "id", "echo 0")
    add(
        tmp_path,
        "apt-get",
        f'case "$*" in *shell) exit 100;; esac; echo "${{*##* }}" >>{tmp_path}/done',
    )
    # when
    code, _, warned = await run(tmp_path, ".ci/browser")
    # then
    assert (code, warned) == (0, "")
    assert (tmp_path / "done").read_text().endswith("chromium\n")


async def test_apts_output_is_shown_if_it_fails_and_the_tests_go_on(tmp_path: Path) -> None:
    # given
    add(tmp_path, "id", "echo 0")
    add(tmp_path, "apt-get", "echo E: no network; exit 100")
    # when
    code, _, warned = await run(tmp_path, ".ci/browser")
    # then
    assert code == 0
    assert warned.startswith("E: no network\nNO CHROMIUM HERE: THE BROWSER TESTS WILL BE SKIPPED")


async def test_a_user_who_is_not_root_is_told_how_to_get_one(tmp_path: Path) -> None:
    # given
    add(tmp_path, "id", "echo 1000")
    add(tmp_path, "apt-get", "exit 1")
    # when
    code, said, warned = await run(tmp_path, ".ci/browser")
    # then
    assert (code, said) == (0, "")
    assert "make browser" in warned


async def test_nothing_is_done_if_there_is_a_chromium(tmp_path: Path) -> None:
    # given
    add(tmp_path, "chromium", "exit 1")
    add(tmp_path, "id", "echo 0")
    add(tmp_path, "apt-get", "exit 1")
    # when, then
    assert await run(tmp_path, ".ci/browser") == (0, "", "")
