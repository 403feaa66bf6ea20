"""The command line: one module a command, loaded when it is called."""

from __future__ import annotations

import importlib

import click

from zonewright import __version__
from zonewright.cli.terminal import language_of_terminal, say_error
from zonewright.core.errors import ZonewrightError
from zonewright.store.workspace import set_up

COMMANDS = (
    "demo",
    "init",
    "import",
    "check",
    "figures",
    "pace",
    "blocks",
    "report",
    "export",
    "user",
    "serve",
    "doctor",
)


class _Commands(click.Group):
    """The commands by name; each lives in ``zonewright.cli.NAME_command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        set_up()
        module = importlib.import_module(f"zonewright.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an error of the product ends it with its message and exit code."""
        try:
            return super().invoke(ctx)
        except ZonewrightError as error:
            raise click.exceptions.Exit(say_error(error, lang=ctx.obj)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zonewright")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    envvar="ZONEWRIGHT_LANG",
    help="Language of tables and messages; by default that of the terminal.",
)
@click.pass_context
def zonewright(ctx: click.Context, lang: str | None) -> None:
    """Plan, build and steer industrial zones (园匠).

    A workspace is a file NAME.sqlite, or a postgresql:// address. Exit codes: 0 done,
    1 the input has faults (they are listed), 2 the command could not be carried out.
    """
    ctx.obj = lang or language_of_terminal()


def main() -> None:
    """Run the command line."""
    zonewright()
