"""Tests of the SBOM: it lists exactly the locked packages."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """Both documents, by what they describe."""
    if not (ROOT / ".tools" / "sbom" / "ready").exists():
        pytest.skip("THE SBOM IS NOT CHECKED: run make .tools/sbom/ready")
    subprocess.run(["make", "sbom"], cwd=ROOT, check=True, capture_output=True)  # noqa: S607
    folder = ROOT / "var" / "sbom"
    return {
        name: json.loads((folder / f"{name}.cdx.json").read_text()) for name in ("python", "portal")
    }


def listed(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["name"], each["version"]) for each in document["components"]}


def test_every_locked_python_package_is_in_it(written: dict[str, Any]) -> None:
    # given
    requirements = (ROOT / "requirements.txt").read_text()
    # when
    locked = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)", requirements, re.MULTILINE)
    # then
    assert written["python"]["bomFormat"] == "CycloneDX"
    assert listed(written["python"]) == set(locked)


def test_every_locked_package_of_the_portal_is_in_it(written: dict[str, Any]) -> None:
    # given
    lock = json.loads((ROOT / "portal" / "package-lock.json").read_text())["packages"]
    # when
    locked = {
        (path.rpartition("node_modules/")[2], package["version"])
        for path, package in lock.items()
        if path
    }
    # then packages that are only needed to build it are marked
    assert written["portal"]["bomFormat"] == "CycloneDX"
    assert listed(written["portal"]) == locked
    delivered = {
        each["name"] for each in written["portal"]["components"] if each["scope"] == "required"
    }
    assert "react" in delivered
    assert "vitest" not in delivered
