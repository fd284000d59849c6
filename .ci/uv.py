"""Runs uv from its wheel, which pip puts into .tools first, with the index that pip uses.

``python .ci/uv.py ARG...`` needs only that Python and its pip: neither venv, which Debian packages
separately, nor permission to change Debian's own Python.
"""

import ast
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - older versions end here
    sys.exit(
        f"Recalls needs Python 3.11 or newer; this is {sys.version.split()[0]}."
        " Try: make PYTHON=python3.12"
    )

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
REQUIREMENTS = ROOT / "requirements-uv.txt"
SAME = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
"""Options of pip, and the variables that tell uv the same."""
OURS = {
    "UV_PYTHON": sys.executable,
    "UV_PYTHON_DOWNLOADS": "never",
    # As pip does: from all indexes, not from the first that knows the name. The hashes guard it.
    "UV_INDEX_STRATEGY": "unsafe-best-match",
    # As git and Debian's pip do.
    "UV_SYSTEM_CERTS": "true",
}


def main() -> None:
    """Become uv; variables that are already set stay."""
    program = installed()
    os.execve(program, ["uv", *sys.argv[1:]], OURS | as_pip() | os.environ)  # noqa: S606


def installed() -> Path:
    """Return uv's path once the locked version is there; of several processes, one installs it."""
    folder, locked = TOOLS / "uv", REQUIREMENTS.read_text()
    ready = folder / "ready"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != locked:
            shutil.rmtree(folder, ignore_errors=True)
            options = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-compile"]
            options += ["--only-binary", ":all:", "--require-hashes", "--target", str(folder)]
            if pip("install", *options, "--requirement", str(REQUIREMENTS)).returncode:
                sys.exit("Recalls is set up with uv, which pip could not install: see above.")
            ready.write_text(locked)
    return folder / "bin" / "uv"


def as_pip() -> dict[str, str]:
    """Return pip's configuration as variables for uv: its files, overridden by PIP_..."""
    said = pip("config", "list", stdout=subprocess.PIPE).stdout.splitlines()
    told: dict[str, str] = {}
    for section in ("global", "install", ":env:"):
        for line in said:
            name, _, value = line.partition("=")
            where, _, option = name.rpartition(".")
            if where == section and option in SAME:
                separator = "," if option == "find-links" else " "
                told[SAME[option]] = separator.join(ast.literal_eval(value).split())
    return told


def pip(*arguments: str, stdout: int | None = None) -> "subprocess.CompletedProcess[str]":
    """Run this Python's pip, whatever its configuration says about where it may install."""
    env = os.environ | {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, env=env, stdout=stdout, text=True, check=False)  # noqa: S603


if __name__ == "__main__":
    main()
