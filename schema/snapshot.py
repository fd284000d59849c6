"""Writes ``schema.graphql``, or checks it for drift, broken clients and a broken contract.

``python -m schema.snapshot`` writes the file; with ``--check`` it only checks, and fails on any.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    print_ast,
)
from graphql.utilities.find_schema_changes import (
    BreakingChange,
    DangerousChange,
    DangerousChangeType,
    find_schema_changes,
)

from schema.build import Policy, make

SNAPSHOT = Path(__file__).with_name("schema.graphql")
CONTRACT = Path(__file__).resolve().parents[2] / "shared" / "contract.graphql"


def differences(old: str, new: GraphQLSchema) -> list[str]:
    """Return what a client written against ``old`` would find missing or different in ``new``."""
    before = build_schema(old)
    told = list(_other_defaults(before, new))
    for change in find_schema_changes(before, new):
        default = isinstance(change, DangerousChange) and (
            change.type is DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE
        )
        if isinstance(change, BreakingChange) or default:
            told.append(change.description)
    return told


def _other_defaults(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[str]:
    """Yield input fields whose default has changed; graphql-core calls an added one safe."""
    for name, before in old.type_map.items():
        after = new.type_map.get(name)
        if isinstance(before, GraphQLInputObjectType) and isinstance(after, GraphQLInputObjectType):
            for field in sorted(before.fields.keys() & after.fields.keys()):
                was, becomes = _default(before.fields[field]), _default(after.fields[field])
                if was != becomes:
                    yield f"{name}.{field} has changed its default from {was} to {becomes}."


def _default(field: GraphQLInputField) -> str:
    # Our resolvers treat left out and null alike.
    given = field.ast_node.default_value if field.ast_node else None
    return print_ast(given) if given else "null"


def committed() -> str | None:
    """Return the newest committed snapshot that differs, of two commits; None if there is none."""
    current = SNAPSHOT.read_text()
    for revision in ("HEAD", "HEAD~1"):
        shown = subprocess.run(  # noqa: S603
            ["git", "show", f"{revision}:./schema.graphql"],  # noqa: S607
            cwd=SNAPSHOT.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if shown.returncode == 0 and shown.stdout != current:
            return shown.stdout
    return None


def problems() -> list[str]:
    """Return all problems with the snapshot, the contract and the last commit's clients."""
    served = _served()
    found = []
    if not SNAPSHOT.exists() or SNAPSHOT.read_text() != served:
        found.append("schema/schema.graphql differs from the served schema: run 'make schema'")
    new = build_schema(served)
    if CONTRACT.exists():
        found += [f"contract: {told}" for told in differences(CONTRACT.read_text(), new)]
    else:
        print("The contract is not beside this checkout, so it was not compared.")
    before = committed() if SNAPSHOT.exists() else None
    if before is not None:
        found += [f"since the last commit: {told}" for told in differences(before, new)]
    return found


def _served() -> str:
    return make(Policy()).schema.as_str() + "\n"


def main() -> None:
    """Write the snapshot, or check it."""
    if "--check" not in sys.argv:
        SNAPSHOT.write_text(_served())
        return
    found = problems()
    for problem in found:
        print(problem, file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
