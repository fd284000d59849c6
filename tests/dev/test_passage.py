"""Tests that PostgreSQL, run by root, reaches a folder of root's own, and nobody else does."""

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from dev.servers import passage
from dev.servers.embedded import POSTGRES_ACCOUNT, ServersError, start_postgres
from dev.servers.passage import let_through

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")
NOBODY, SOMEBODY = 65534, 4711


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that only its owner may enter, like /root."""
    with tempfile.TemporaryDirectory(prefix="recalls-test-") as path:
        Path(path, "clone").mkdir()
        yield Path(path)


def may_enter(folder: Path, uid: int) -> bool:
    return as_account(uid, "/usr/bin/test", "-e", str(folder / "clone"))


def may_list(folder: Path, uid: int) -> bool:
    return as_account(uid, "/bin/ls", str(folder))


def as_account(uid: int, *command: str) -> bool:
    ended = subprocess.run(
        command, user=uid, group=uid, extra_groups=[], check=False, capture_output=True
    )
    return ended.returncode == 0


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


async def test_postgresql_runs_in_a_home_that_stays_shut_to_others(home: Path) -> None:
    # when
    async with AsyncExitStack() as stack:
        _, url = await start_postgres(home / "clone", stack, fast=True)
        connection = await asyncpg.connect(url)
        answer = await connection.fetchval("select 1")
        await connection.close()
    # then
    assert answer == 1
    assert mode(home) & 0o007 == 0
    assert not may_enter(home, NOBODY)


def test_the_account_may_enter_but_not_list(home: Path) -> None:
    # when
    let_through(home, "somebody", SOMEBODY)
    # then
    assert may_enter(home, SOMEBODY)
    assert not may_list(home, SOMEBODY)
    assert not may_enter(home, NOBODY)


def test_an_account_let_through_before_still_is_and_no_further(home: Path) -> None:
    # given
    let_through(home, "somebody", SOMEBODY)
    # when
    let_through(home, "another", SOMEBODY + 1)
    # then
    for uid in (SOMEBODY, SOMEBODY + 1):
        assert may_enter(home, uid)
        assert not may_list(home, uid)
    # when its owner shuts it again, and lets one account in
    home.chmod(0o700)
    let_through(home, "another", SOMEBODY + 1)
    # then
    assert not may_enter(home, SOMEBODY)
    assert may_enter(home, SOMEBODY + 1)


def test_a_folder_that_anybody_may_enter_is_left_alone(home: Path) -> None:
    # given
    home.chmod(0o711)
    # when
    let_through(home, "somebody", SOMEBODY)
    # then
    assert passage.ACL not in os.listxattr(home)


async def test_an_error_says_what_to_do_if_no_access_list_is_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the name of an access list that no file system keeps
    monkeypatch.setattr(passage, "ACL", "system.no_such_list")
    async with AsyncExitStack() as stack:
        # when / then
        with pytest.raises(ServersError, match=f"{POSTGRES_ACCOUNT}.* can't get through {home}"):
            await start_postgres(home / "clone", stack, fast=True)
    assert mode(home) == 0o700
