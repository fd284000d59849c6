"""Manifests of trusted documents: the connector's, the portal's, and what a host adds."""

from pathlib import Path

import orjson

from api.documents import ID, Documents, sha256
from api.settings import ApiSettings

CONNECTOR_DOCUMENTS = sorted((Path(__file__).parent / "connector").glob("*.graphql"))
"""A PMS connector's documents. The text is the id, so a new version goes beside the old one."""
PORTAL_DOCUMENTS = Path(__file__).parents[1] / "portal" / "dist" / "documents.json"


class ManifestError(Exception):
    """The manifest can't be used; the message says why."""


def documents_of(settings: ApiSettings) -> Documents:
    """Return the documents that clients may run, our own first. Raises ``ManifestError``."""
    texts = [path.read_text() for path in CONNECTOR_DOCUMENTS]
    known = {sha256(text): text for text in texts}
    if PORTAL_DOCUMENTS.exists():
        known |= read(PORTAL_DOCUMENTS)
    if settings.trusted_documents is not None:
        known |= read(settings.trusted_documents)
    return Documents(known, others=settings.allows_other_documents)


def read(path: Path) -> dict[str, str]:
    """Return a manifest's documents by hash.

    It is JSON, from ids to texts, as relay-compiler and graphql-codegen write it. Raises
    ``ManifestError`` if it can't be read, or an id is not the SHA-256 of its text. The texts aren't
    parsed here, because validating a thousand takes five seconds.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ManifestError(f"{path} can't be read ({type(error).__name__}).") from None
    if not isinstance(content, dict):
        raise ManifestError(f"{path} is not an object that maps ids to documents.")
    known = {}
    for name, text in content.items():
        found = ID.fullmatch(name)
        if not isinstance(text, str) or found is None or found[1] != sha256(text):
            raise ManifestError(f"{path}: {name} is not the SHA-256 of its document.")
        known[found[1]] = text
    return known
