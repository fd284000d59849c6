"""Tests of the container images: a release names each by its digest, which a command looks up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIGEST = f"sha256:{'0a' * 32}"
SKOPEO = f"""#!/bin/sh
case "$5" in
  docker://*:18)
    [ "$1 $2 $3 $4" = "inspect --no-tags --format {{{{.Digest}}}}" ] && echo {DIGEST} ;;
  *) echo "no such image" >&2; exit 1 ;;
esac
"""
"""A stand-in for the registry's client, which knows the digest of each image of version 18."""


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with both files, and the stand-in."""
    (tmp_path / "Dockerfile").write_text("FROM node:18 AS portal\nFROM python:18\nUSER 1\n")
    (tmp_path / "docker-compose.yml").write_text(
        "services:\n  a:\n    image: recalls\n  b:\n    image: valkey/valkey:18 # kept\n"
    )
    (tmp_path / "skopeo").write_text(SKOPEO)
    (tmp_path / "skopeo").chmod(0o755)
    return tmp_path


def run(folder: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """Return the exit code and the output."""
    path = f"{folder}:{os.environ['PATH']}"
    ended = subprocess.run(
        [sys.executable, ".ci/images.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"IMAGES_OF": str(folder), "PATH": path} | more,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_a_release_is_stopped_by_an_image_without_a_digest(images: Path) -> None:
    # when
    code, told = run(images)
    # then
    assert code == 0
    assert "node:18 (Dockerfile), python:18 (Dockerfile), valkey/valkey:18 (docker" in told
    assert run(images, RELEASE="1") == (1, told)


def test_each_image_but_our_own_gets_the_digest_of_its_tag(images: Path) -> None:
    # when
    pinned = run(images, "--pin")
    # then
    assert pinned == (0, "")
    assert (images / "Dockerfile").read_text() == (
        f"FROM node:18@{DIGEST} AS portal\nFROM python:18@{DIGEST}\nUSER 1\n"
    )
    assert (images / "docker-compose.yml").read_text() == (
        f"services:\n  a:\n    image: recalls\n  b:\n    image: valkey/valkey:18@{DIGEST} # kept\n"
    )
    assert run(images, RELEASE="1") == (0, "")
    # when its tag has a new digest
    compose = images / "docker-compose.yml"
    compose.write_text(compose.read_text().replace(DIGEST, f"sha256:{'0' * 64}"))
    run(images, "--pin")
    # then
    assert f"valkey/valkey:18@{DIGEST} # kept" in compose.read_text()


def test_a_missing_image_is_reported(images: Path) -> None:
    # given
    before = "FROM python:3.13-slim\n"
    (images / "Dockerfile").write_text(before)
    # when
    code, told = run(images, "--pin")
    # then
    assert code == 1
    assert "python:3.13-slim: no such image" in told
    assert (images / "Dockerfile").read_text() == before


def test_all_of_our_images_are_seen() -> None:
    # when
    _, told = run(ROOT)
    # then
    pinned = sum(
        (ROOT / name).read_text().count("@sha256:") for name in ("Dockerfile", "docker-compose.yml")
    )
    assert told.count(":") - 2 * bool(told) + pinned == 4
