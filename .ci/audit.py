"""Checks every locked package against the known vulnerabilities: PyPI's, and npm's.

Exits 1 if one has any, or if an audit itself fails. If a service can't be reached, or doesn't know
the packages, it says SKIPPED, and why, and exits 0: a network that blocks it stops nobody. It does
stop a release: with RELEASE set it exits 1 then. If OSV_URL is set, a server there that speaks
OSV's API is asked instead of PyPI.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
REQUIREMENTS = tuple(f"requirements-{name}.txt" for name in ("dev", "node", "sbom", "uv"))
"""The first also covers the requirements files that aren't named here."""
SECONDS = 120
"""For a whole audit; each of its requests gets ten."""
NO_SERVICE = re.compile(r"requests\.exceptions\.|ServiceError|Could not connect|not redirecting")
"""What pip-audit ends with if its service doesn't answer, or not as it should."""
NO_REGISTRY = re.compile(r"request to |(network|response) timeout|\d{3} ", re.IGNORECASE)
"""How npm's message begins if the registry doesn't answer."""


class SkippedError(Exception):
    """An audit couldn't be made; the message says why."""


class FailedError(Exception):
    """An audit found vulnerabilities, or failed by itself; the message says which."""


def main() -> int:
    """Make both audits; return the exit code."""
    failed = 0
    for name, audit in (("Python packages", audit_python), ("the portal's packages", audit_npm)):
        try:
            print(f"audit: {name}: {audit()} packages, no known vulnerabilities")
        except SkippedError as error:
            print(f"audit: {name}: SKIPPED: {error}", file=sys.stderr)
            failed = failed or int(bool(os.environ.get("RELEASE")))
        except FailedError as error:
            print(f"audit: {name}: {error}", file=sys.stderr)
            failed = 1
    return failed


def audit_python() -> int:
    """Audit the locked packages; return how many there are."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--format", "json"]
    command += ["--progress-spinner", "off", "--timeout", "10"]
    if url := os.environ.get("OSV_URL"):
        command += ["--vulnerability-service", "osv", "--osv-url", url]
    for path in REQUIREMENTS:
        command += ["--requirement", path]
    ended = _run(command)
    try:
        packages = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = _last_line(ended.stderr)
        raise (SkippedError if NO_SERVICE.search(ended.stderr) else FailedError)(reason) from None
    _tell(
        f"{package['name']} {package['version']}: {found['id']},"
        f" fixed in {', '.join(found['fix_versions']) or 'no version'}"
        for package in packages
        for found in package.get("vulns", ())
    )
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        raise SkippedError("the service knows none of the packages; is the network blocking it?")
    if unknown:
        raise SkippedError(f"IN PART: the service doesn't know {', '.join(unknown)}")
    return len(packages)


def audit_npm() -> int:
    """Audit the portal's lock file; return how many packages it has."""
    options = ["--json", "--package-lock-only", "--fetch-retries=0", "--fetch-timeout=10000"]
    ended = _run([str(ROOT / "portal" / "npm"), "audit", *options])
    try:
        report = json.loads(ended.stdout)
    except ValueError:
        raise FailedError(_last_line(ended.stderr)) from None
    if "vulnerabilities" not in report:
        reason = report.get("message") or report.get("error", {}).get("summary") or "no answer"
        raise (SkippedError if NO_REGISTRY.match(reason) else FailedError)(reason)
    _tell(
        f"{name}: {found['severity']}, {_advisories(found)}"
        for name, found in report["vulnerabilities"].items()
    )
    return int(report["metadata"]["dependencies"]["total"])


def _advisories(found: dict[str, Any]) -> str:
    via = found["via"]
    return ", ".join(each["url"] if isinstance(each, dict) else f"through {each}" for each in via)


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603 - the commands are ours
            command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise SkippedError(f"the service took longer than {SECONDS} seconds") from None


def _tell(found: Iterable[str]) -> None:
    """Raise ``FailedError`` if anything was found."""
    if lines := list(found):
        raise FailedError("\n  ".join(["VULNERABLE", *lines]))


def _last_line(text: str) -> str:
    lines = text.strip().splitlines() or ["it printed nothing"]
    return lines[-1]


if __name__ == "__main__":
    sys.exit(main())
