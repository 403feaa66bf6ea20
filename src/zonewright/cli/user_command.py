"""``zonewright user``: an account for the desk, its password and its roles."""

from __future__ import annotations

import getpass
import secrets
import sys

import click
from django.utils import translation

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import say
from zonewright.core.errors import InputError
from zonewright.core.schema import table
from zonewright.store import actions
from zonewright.store.access import operator, roles
from zonewright.store.actions import people
from zonewright.store.models import User
from zonewright.store.workspace import connect

ORIGIN = "cli"


@click.command("user", cls=Command)
@options.workspace
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option(
    "--role",
    type=click.Choice(list(roles())),
    help="Give the account this role; may be called again for more.",
)
@click.option("--zone", help="Code of the role's zone; the whole workspace if not given.")
@click.option(
    "--hierarchy",
    type=click.Choice(list(table("memberships")["hierarchy"].choices)),
    help="Hierarchy that says what lies in the zone; every one if not given.",
)
@click.pass_obj
def command(
    lang: str,
    workspace: str,
    name: str,
    password_stdin: bool,
    role: str | None,
    zone: str | None,
    hierarchy: str | None,
) -> None:
    """Make an account, or give an account a new password or a role.

    A new account administers the whole workspace, unless --role says what it may do. A password
    is made up unless it is read from input; an account that gets a role keeps its own.
    """
    if (zone or hierarchy) and not role:
        raise InputError("user-zone-without-role")
    connect(workspace)
    is_new = not actions.has_user(name)
    password = ""
    if is_new or password_stdin or not role:
        password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(9)
    given = {"role": role or "", "zone": zone or "", "hierarchy": hierarchy or ""}
    access = operator(getpass.getuser())
    with translation.override("zh-hans" if lang == "zh" else "en"):  # what a weak password lacks
        if is_new:
            people.open_account(name, password, access=access, origin=ORIGIN, **given)
        else:
            if password:
                actions.set_password(name, password, by=access.name, origin=ORIGIN)
            if role:
                user = User.objects.get(username=name)
                people.grant(user, access=access, origin=ORIGIN, **given)
    if role:
        say(_held(name, role, zone, lang))
    if password:
        shown = "" if password_stdin else password
        text = {
            "en": f"{name} can sign in. {shown and 'Password: ' + shown}",
            "zh": f"{name} 可以登录。{shown and '密码：' + shown}",
        }
        say(text[lang])


def _held(name: str, role: str, zone: str | None, lang: str) -> str:
    label = roles()[role].label(lang)
    where = zone or {"en": "the whole workspace", "zh": "整个工作区"}[lang]
    return {"en": f"{name}: {label}, {where}", "zh": f"{name}：{label}，{where}"}[lang]
