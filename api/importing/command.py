"""The command ``python -m api import``, which imports files of patients and recalls."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

import asyncpg
import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from api.importing.entries import FileError
from api.importing.reading import Source, open_patients, open_recalls
from api.importing.report import Report, show
from api.importing.runner import Importer
from core.settings import DatabaseSettings, WrongSettingsError, check_settings
from db.pool import UnguardedError, open_pool
from db.sync import PatientRow, RecallRow

SOME_REFUSED = 2
"""The exit code if some rows were refused; 1 is click's, if the import couldn't go on."""
ID = click.IntRange(1, 2**31 - 1)
FILE = click.Path(path_type=Path)


@click.command("import")
@click.option(
    "--practice",
    "practice_id",
    type=ID,
    required=True,
    help="Its number; 'practice list' shows it.",
)
@click.option(
    "--patients",
    "patients_path",
    type=FILE,
    help="File of patients: CSV, FHIR NDJSON or FHIR JSON.",
)
@click.option("--recalls", "recalls_path", type=FILE, help="CSV file of recalls.")
@click.option("--errors", "errors_path", type=FILE, help="CSV file to write every refused row to.")
@click.option("--dry-run", is_flag=True, help="Report what would be done, but save nothing.")
def import_command(
    practice_id: int,
    patients_path: Path | None,
    recalls_path: Path | None,
    errors_path: Path | None,
    dry_run: bool,
) -> None:
    """Import patients and recalls into a practice from files.

    The columns of a CSV of patients are pms_id, first_name, last_name, birth_date, mobile,
    sms_consent and status; those of recalls are pms_id, patient_pms_id, reason, urgency, due_date
    and completed.

    Rows that can't be imported are reported, and all others are imported. A second run changes only
    what differs. The exit code is 0 if every row was imported, 2 if some were refused, and 1 if the
    import failed or stopped half-way.
    """
    if not patients_path and not recalls_path:
        raise click.ClickException("Give --patients, --recalls or both.")
    with _plain_errors(practice_id), ExitStack() as stack:
        patients = open_patients(patients_path, stack) if patients_path else None
        recalls = open_recalls(recalls_path, stack) if recalls_path else None
        errors = _open_errors(errors_path, (patients_path, recalls_path), stack)
        report = Report(errors)
        try:
            asyncio.run(_import(practice_id, patients, recalls, report, dry_run=dry_run))
        finally:
            # What was imported before an import stopped is reported too.
            if report.files:
                title = "Dry run: nothing was kept" if dry_run else "Imported"
                show(report, Console(highlight=False), title=title, list_refusals=not errors)
    if report.refused:
        raise SystemExit(SOME_REFUSED)


async def _import(
    practice_id: int,
    patients: Source[PatientRow] | None,
    recalls: Source[RecallRow] | None,
    report: Report,
    *,
    dry_run: bool,
) -> None:
    url = DatabaseSettings().database_url.get_secret_value()
    pool = await open_pool(url, name="import", connections=1)
    try:
        async with pool.acquire() as connection:
            with _progress(patients, recalls) as advance:
                importer = Importer(connection, practice_id, report, advance)
                await importer.run(patients, recalls, dry_run=dry_run)
    finally:
        await pool.close()


def _open_errors(
    path: Path | None, inputs: Sequence[Path | None], stack: ExitStack
) -> TextIO | None:
    if path is None:
        return None
    if any(path.exists() and given and path.samefile(given) for given in inputs):
        raise FileError(f"--errors would overwrite {path.name}, which is an input file.")
    try:
        # With the byte order mark that makes spreadsheet programs read it as UTF-8.
        return stack.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
    except OSError as error:
        raise FileError(f"{path.name} can't be written: {error.strerror}.") from None


@contextmanager
def _progress(*sources: Source[Any] | None) -> Iterator[Callable[[Source[Any]], None]]:
    """Show progress bars on a terminal; yield the function that updates a source's bar."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        tasks = {
            id(source): progress.add_task(escape(source.name), total=source.size)
            for source in sources
            if source
        }
        yield lambda source: progress.update(tasks[id(source)], completed=source.position())


@contextmanager
def _plain_errors(practice_id: int) -> Iterator[None]:
    """Turn errors into a sentence and exit code 1, because their own texts may quote a row."""
    try:
        check_settings(DatabaseSettings)
        yield
    except (FileError, WrongSettingsError, UnguardedError) as error:
        raise click.ClickException(str(error)) from None
    except LookupError:
        raise click.ClickException(f"There is no practice {practice_id}.") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise click.ClickException(
            f"The import stopped with {type(error).__name__}. Is RECALLS_DATABASE_URL right, "
            "is the database up, and has 'python -m db migrate' been run?"
        ) from None
