"""The report of a torture run: what it did, and the verdicts."""

from rich.console import Console
from rich.table import Table

from tests.torture.run import Outcome
from tests.torture.sightings import NOTED_ELSEWHERE, STEPS

SHOWN = 20
"""Most offenders named under each verdict."""


def print_report(outcome: Outcome, console: Console) -> None:
    """Print the run as a table, then the verdicts with the offenders' ids."""
    table = Table("what", "how many", title=f"Torture run, seed {outcome.seed}")
    table.columns[1].justify = "right"
    table.add_row("attempts accepted by runs", str(sum(outcome.states.values())))
    table.add_row("messages handed over", str(outcome.handed))
    for state, count in sorted(outcome.states.items()):
        table.add_row(f"attempts {state}", str(count))
    table.add_row("most UNKNOWN at once", str(outcome.most_unknown))
    table.add_section()
    seen = (*STEPS, *NOTED_ELSEWHERE)
    for kind, count in sorted(outcome.counts.items()):
        if kind not in seen:
            table.add_row(kind, str(count))
    table.add_section()
    for kind in seen:
        style = "red" if kind in outcome.never_seen else None
        table.add_row(f"seen: {kind}", str(outcome.counts[kind]), style=style)
    table.add_section()
    table.add_row("seconds", f"{outcome.seconds:.0f}")
    table.add_section()
    verdicts = {verdict.value: found for verdict, found in outcome.findings.items()}
    verdicts["personal data in logs"] = outcome.people_in_logs
    verdicts["never seen"] = outcome.never_seen
    for verdict, found in verdicts.items():
        table.add_row(verdict, str(len(found)), style="red" if found else "green")
    console.print(table)
    for verdict, found in verdicts.items():
        if found:
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            console.print(f"{verdict}: {', '.join(found[:SHOWN])}{more}")
    for line in outcome.histories:
        console.print(line)
