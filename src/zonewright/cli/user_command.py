"""``zonewright user``: an account for the desk."""

from __future__ import annotations

import getpass
import secrets
import sys

import click
from django.utils import translation

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import say
from zonewright.store import actions
from zonewright.store.workspace import connect


@click.command("user", cls=Command)
@options.workspace
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def command(lang: str, workspace: str, name: str, password_stdin: bool) -> None:
    """Make an account, or give an account a new password (made up unless read from input)."""
    connect(workspace)
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(9)
    write = actions.set_password if actions.has_user(name) else actions.create_user
    with translation.override("zh-hans" if lang == "zh" else "en"):  # what a weak password lacks
        write(name, password, by=getpass.getuser(), origin="cli")
    shown = "" if password_stdin else password
    text = {
        "en": f"{name} can sign in. {shown and 'Password: ' + shown}",
        "zh": f"{name} 可以登录。{shown and '密码：' + shown}",
    }
    say(text[lang])
