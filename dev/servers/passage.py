"""Lets one account through folders that are closed to others, by access control lists."""

import os
import stat
import struct
from functools import reduce
from operator import or_
from pathlib import Path

ACL = "system.posix_acl_access"
VERSION, ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
"""How Linux stores a list: its version, then each entry's kind, rights and account."""
OWNER, ACCOUNT, GROUP, OTHER_GROUP, MASK, OTHERS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
MASKED = frozenset({ACCOUNT, GROUP, OTHER_GROUP})
NOBODY = 0xFFFFFFFF
ENTER = 0o1


class ShutError(Exception):
    """A folder can't be opened to one account alone; the message says what to do."""


def let_through(folder: Path, account: str, uid: int) -> None:
    """Let the account enter the folder, without listing it; nobody else gains access.

    Raises ``ShutError`` if the file system keeps no such lists.
    """
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & ENTER:
        return
    try:
        os.setxattr(folder, ACL, _with(_list_of(folder, mode), uid))
    except (OSError, AttributeError):
        raise ShutError(
            f"{account}, the account that PostgreSQL runs as for root, can't get through {folder}:"
            " run this as a normal user, or from another folder, such as one in /srv"
        ) from None


def _list_of(folder: Path, mode: int) -> dict[tuple[int, int], int]:
    """Return the rights that each kind and account has."""
    try:
        kept = os.getxattr(folder, ACL)
    except OSError:  # it has only its mode
        kinds = {OWNER: mode >> 6, GROUP: mode >> 3, OTHERS: mode}
        return {(kind, NOBODY): rights & 0o7 for kind, rights in kinds.items()}
    entries = ENTRY.iter_unpack(kept[VERSION.size :])
    return {(kind, account): rights for kind, rights, account in entries}


def _with(entries: dict[tuple[int, int], int], uid: int) -> bytes:
    # Rights that the mask has withheld so far stay withheld.
    mask = entries.pop((MASK, NOBODY), 0o7)
    kept = {key: rights & (mask if key[0] in MASKED else 0o7) for key, rights in entries.items()}
    kept[ACCOUNT, uid] = kept.get((ACCOUNT, uid), 0) | ENTER
    kept[MASK, NOBODY] = reduce(or_, (rights for key, rights in kept.items() if key[0] in MASKED))
    packed = (ENTRY.pack(kind, rights, who) for (kind, who), rights in sorted(kept.items()))
    return VERSION.pack(2) + b"".join(packed)
