"""The command ``python -m api check-documents``, which checks a manifest against the schema."""

from pathlib import Path

import click

from api.manifests import ManifestError, read
from schema.build import Policy, make


@click.command()
@click.argument("manifest", type=click.Path(path_type=Path))
def check_documents(manifest: Path) -> None:
    """Check that this release can run every document of MANIFEST, a JSON file.

    Prints the id of each that it can't, and why; the exit code is then 1. Run it when a client or
    Recalls is upgraded: a process that serves reads the manifest, but looks at a document only
    when it is first asked for.
    """
    try:
        documents = read(manifest)
    except ManifestError as error:
        raise click.ClickException(str(error)) from None
    schema = make(Policy())
    wrong = {name: errors for name, text in documents.items() if (errors := schema.errors(text))}
    for name, errors in wrong.items():
        click.echo(f"{name}: {errors[0].message}")
    if wrong:
        raise click.ClickException(f"{len(wrong)} of {len(documents)} documents can't be run.")
