"""The command line: one module a command, loaded when it is called."""

from __future__ import annotations

import importlib

import click
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from zonewright import __version__
from zonewright.cli.chinese import mistake
from zonewright.cli.speaking import Group, language_of
from zonewright.cli.terminal import say_error, say_mistake
from zonewright.core.errors import InputError, StateError, StorageError, ZonewrightError
from zonewright.store.workspace import set_up

COMMANDS = (
    "demo",
    "init",
    "import",
    "check",
    "figures",
    "pace",
    "targets",
    "forecast",
    "board",
    "indicators",
    "blocks",
    "blockers",
    "quota",
    "unlock",
    "grade",
    "returns",
    "orders",
    "meeting",
    "report",
    "export",
    "user",
    "serve",
    "worker",
    "backup",
    "restore",
    "doctor",
)


class _Commands(Group):
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
        """Run a command; an error that its reader can mend ends it with a message and exit code."""
        lang = language_of(ctx)
        try:
            return super().invoke(ctx)
        except ZonewrightError as error:
            failure = error
        except click.UsageError as error:
            if lang == "en":
                raise
            say_mistake(mistake(error))
            raise click.exceptions.Exit(2) from error
        except KeyboardInterrupt:
            failure = StateError("command-interrupted")
        except ImproperlyConfigured as error:
            failure = InputError("setting-bad", reason=error)
        except DatabaseError as error:
            failure = StorageError("workspace-failed", reason=str(error).strip())
        except OSError as error:
            failure = StorageError(
                "file-refused", path=error.filename or "?", reason=error.strerror or error
            )
        raise click.exceptions.Exit(say_error(failure, lang=lang)) from failure


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zonewright")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    envvar="ZONEWRIGHT_LANG",
    is_eager=True,
    help="Language of tables and messages; by default that of the terminal.",
)
@click.pass_context
def zonewright(ctx: click.Context, lang: str | None) -> None:
    """Plan, build and steer industrial zones (园匠).

    A workspace is a file NAME.sqlite, or a postgresql:// address. Exit codes: 0 done,
    1 the input has faults (they are listed), 2 the command could not be carried out.
    """
    ctx.obj = lang or language_of(ctx)


def main() -> None:
    """Run the command line."""
    zonewright()
