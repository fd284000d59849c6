"""The command line: ``python -m api serve``, ``import``, and more (``--help``)."""

import pkgutil

from core.garbage import everything_stays

with everything_stays():
    import click

    from core.logging import end_discreetly

COMMANDS = {
    "check-documents": "api.commands.check_documents:check_documents",
    "import": "api.importing.command:import_command",
    "practice": "api.commands.practice:practice",
    "serve": "api.commands.serve:serve",
    "token": "api.commands.token:token",
}


class Commands(click.Group):
    """A group that imports a command when it is called, because each would load much for all."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the commands' names."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, or None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        with everything_stays():
            command: click.Command = pkgutil.resolve_name(COMMANDS[cmd_name])
        return command


@click.group(cls=Commands)
def main() -> None:
    """Recalls: serve the API, manage practices and tokens, and import files."""


if __name__ == "__main__":
    end_discreetly()
    main()
