"""Commands that explain themselves in the reader's language."""

from __future__ import annotations

import os
from copy import copy
from inspect import cleandoc

import click

from zonewright.cli.chinese import HELP, words_of
from zonewright.cli.terminal import language_of_terminal


def language_of(ctx: click.Context) -> str:
    """Return the language of a call: ``--lang``, ``ZONEWRIGHT_LANG``, or the terminal's."""
    given = ctx.find_root().params.get("lang") or os.environ.get("ZONEWRIGHT_LANG")
    return given if given in ("zh", "en") else language_of_terminal()


def help_of(text: str | None, lang: str) -> str:
    """Return a help text in a language."""
    english = cleandoc(text or "")
    return HELP.get(english, english) if lang == "zh" else english


class Command(click.Command):
    """A command whose help is in the language of the call."""

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page."""
        if language_of(ctx) == "en":
            return super().get_help(ctx)
        shown = copy(self)
        shown.help = help_of(self.help, "zh")
        shown.params = [_in_chinese(param) for param in self.params]
        return words_of(click.Command.get_help(shown, ctx))


class Group(click.Group):
    """A group whose help is in the language of the call, one line a command."""

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page."""
        if language_of(ctx) == "en":
            return super().get_help(ctx)
        shown = copy(self)
        shown.help = help_of(self.help, "zh")
        shown.params = [_in_chinese(param) for param in self.params]
        return words_of(click.Command.get_help(shown, ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one line a command: the first sentence of its help."""
        lang = language_of(ctx)
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None:
                rows.append((name, help_of(command.help, lang).partition("\n\n")[0]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _in_chinese(param: click.Parameter) -> click.Parameter:
    shown = copy(param)
    if isinstance(shown, click.Option) and shown.help:
        shown.help = help_of(shown.help, "zh")
    return shown
