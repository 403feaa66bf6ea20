"""What every page shows beside its own matter."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.translation import get_language

from zonewright.core.errors import StorageError
from zonewright.store import selectors
from zonewright.store.models import Workspace
from zonewright.web import language, moment
from zonewright.web.access import of
from zonewright.web.views.preferences import chosen_theme
from zonewright.workflows import lookback

log = logging.getLogger(__name__)


def desk(request: HttpRequest) -> dict[str, object]:
    """Return the workspace's title, its notices, what the reader may open, and their choices.

    A page must be able to say that the workspace cannot be read; then title and notices are empty.
    """
    try:
        workspace = moment.kept(request, "workspace", ("store_workspace",), Workspace.objects.first)
        notices = moment.kept(request, "notices", ("store_sourcefile",), selectors.notices)
        open_to = sections(request)
    except (DatabaseError, StorageError):
        log.exception("The workspace cannot be read")
        workspace, notices, open_to = None, [], {}
    title = language.choose(workspace.title, workspace.title_en) if workspace else ""
    return {
        "workspace_title": title,
        "notices": notices,
        "theme": chosen_theme(request),
        "lang": language.current(),
        "html_lang": "en" if (get_language() or "").startswith("en") else "zh-CN",
        "here": _here(request),
        **open_to,
        "section": request.resolver_match.url_name if request.resolver_match else "",
    }


def _here(request: HttpRequest) -> str:
    """Return the page that a choice of language or colours comes back to.

    After a form that page is where the form stood: what takes a form need not be readable.
    """
    stood = urlsplit(request.headers.get("Referer", ""))
    if request.method != "POST" or stood.netloc != request.get_host():
        return request.get_full_path()
    return stood.path + (f"?{stood.query}" if stood.query else "")


def sections(request: HttpRequest) -> dict[str, bool]:
    """Return which sections of the desk the reader may open.

    A request that was refused before anybody asked who it is has no access.
    """
    if not hasattr(request, "access"):
        return {}
    access = of(request)
    return {
        "may_view": access.may_anywhere("view"),
        "may_look_back": lookback.may(access),
        "may_see_sources": access.may("view"),
        "may_plan": access.may("plan"),
        "may_manage": access.may_anywhere("administer"),
    }
