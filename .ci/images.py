"""Lists the container images that are named without a digest; with --pin, adds the digests.

Exits 1 if there are any and RELEASE is set: a tag can be moved to another image. Pinning needs
skopeo and the network.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("Dockerfile", "docker-compose.yml")
NAMED = re.compile(
    r"^(FROM |\s+image: )(?!recalls$)([\w./:-]+)(@sha256:[0-9a-f]{64})?(?=\s|$)", re.M
)
"""An image other than our own, which is built here."""
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def main() -> int:
    """List the images, or pin them; return the exit code."""
    root = Path(os.environ.get("IMAGES_OF", ROOT))
    if "--pin" in sys.argv:
        for name in FILES:
            path = root / name
            path.write_text(NAMED.sub(_pinned, path.read_text()))
    bare = [
        f"{image[2]} ({name})"
        for name in FILES
        for image in NAMED.finditer((root / name).read_text())
        if not image[3]
    ]
    if bare:
        print(f"images: WITHOUT DIGEST: {', '.join(bare)}; run make pin", file=sys.stderr)
    return int(bool(bare and os.environ.get("RELEASE")))


def _pinned(image: re.Match[str]) -> str:
    """Return the image with the digest that its tag has now."""
    command = ["skopeo", "inspect", "--no-tags", "--format", "{{.Digest}}", f"docker://{image[2]}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    digest = ended.stdout.strip()
    if not DIGEST.fullmatch(digest):
        sys.exit(f"images: {image[2]}: {ended.stderr.strip() or 'no digest was given'}")
    return f"{image[1]}{image[2]}@{digest}"


if __name__ == "__main__":
    sys.exit(main())
