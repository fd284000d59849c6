"""The command ``python -m tests.siege``: every attack; exits 1 if one makes others wait."""

import argparse
import asyncio
import sys

from rich.console import Console

from tests.siege.attacks import ATTACKS
from tests.siege.report import line_of, print_report
from tests.siege.run import Outcome, siege
from tests.siege.stage import staged


async def besiege(
    names: list[str], seconds: float, console: Console, *, once: bool
) -> list[Outcome]:
    """Make the attacks, printing each outcome; return the outcomes."""
    attacks = [ATTACKS[name] for name in names]
    async with staged() as stage:

        def done(outcome: Outcome) -> None:
            console.print(line_of(outcome))

        return await siege(stage, attacks, seconds, done, once=once)


def main() -> None:
    """Attack and report."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.siege",
        description="Run the attacks, one after the other; exit 1 if one makes others wait.",
    )
    parser.add_argument(
        "--only", nargs="+", choices=ATTACKS, metavar="NAME", help="only these attacks"
    )
    parser.add_argument(
        "--seconds", type=float, default=3.5, help="length of each attack (%(default)s)"
    )
    parser.add_argument(
        "--once", action="store_true", help="don't repeat an attack that missed a goal"
    )
    parser.add_argument("--list", action="store_true", help="list the attacks and exit")
    arguments = parser.parse_args()
    console = Console(width=190)
    if arguments.list:
        for attack in ATTACKS.values():
            console.print(f"{attack.name}: {attack.what} ({attack.on})", highlight=False)
        return
    names = list(dict.fromkeys(["nobody", *(arguments.only or ATTACKS)]))
    outcomes = asyncio.run(besiege(names, arguments.seconds, console, once=arguments.once))
    print_report(outcomes, console)
    if any(outcome.missed for outcome in outcomes):
        sys.exit(1)


main()
