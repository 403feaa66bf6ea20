"""Steps of an order: replying with evidence, and the decisions, each confirmed on its own page."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zonewright.core.errors import InputError, StateError, UnknownReferenceError, ZonewrightError
from zonewright.store import actions
from zonewright.store.actions.attachments import MAX_BYTES
from zonewright.store.selectors import orders as selectors
from zonewright.web import language, order_view, order_words
from zonewright.web.access import of, origin
from zonewright.web.middleware import status_of
from zonewright.web.page import page
from zonewright.web.views.orders import show
from zonewright.workflows import supervision

DEEDS = ("accept", "refuse", "extend", "escalate", "withdraw")
MAX_FILES = 10


@require_POST
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """Reply to an order, with the files that were sent."""
    said, note = request.POST.get("text", ""), request.POST.get("note", "").strip()[:200]
    sent = request.FILES.getlist("files")[:MAX_FILES]
    evidence = [supervision.Evidence(file.name or "", _bytes(file), note) for file in sent]
    try:
        supervision.reply(
            number, said, evidence=evidence, access=of(request), origin=origin(request)
        )
    except UnknownReferenceError:
        raise
    except (InputError, StateError) as error:
        text = error.text(language.current())
        return show(request, number, error=text, said=said, status=status_of(error))
    messages.success(request, _("The reply was sent; it waits to be judged."))
    return _to(number)


@require_POST
def add_evidence(request: HttpRequest, number: int) -> HttpResponse:
    """Add a file to the reply that waits to be judged."""
    found = selectors.order(number, of(request))
    sent = request.FILES.get("file")
    last = found.steps.order_by("at", "id").last()
    if not isinstance(sent, UploadedFile) or last is None:
        messages.error(request, _("Choose a file first."))
        return _to(number)
    try:
        made = actions.attach(
            f"{selectors.EVIDENCE}:{last.pk}", name=sent.name or "", content=_bytes(sent),
            access=of(request), origin=origin(request),
            note=request.POST.get("note", "").strip()[:200],
        )  # fmt: skip
    except UnknownReferenceError:
        raise
    except (InputError, StateError) as error:
        messages.error(request, error.text(language.current()))
    else:
        messages.success(request, _("Attached: %(name)s") % {"name": made.name})
    return _to(number)


@require_POST
def remove_evidence(request: HttpRequest, number: int, file: int) -> HttpResponse:
    """Take a file off the reply that waits to be judged."""
    access = of(request)
    found = selectors.order(number, access)
    own = selectors.evidence(list(found.steps.all()))
    if not any(item.pk == file for files in own.values() for item in files):
        raise Http404(request.path)
    actions.detach(file, access=access, origin=origin(request))
    messages.success(request, _("The file was taken off the reply."))
    return _to(number)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Ask whether a decision is meant, and carry it out."""
    if deed not in DEEDS:
        raise Http404(request.path)
    access, today = of(request), timezone.localdate()
    view = supervision.open_order(number, access, on=today)
    found = view.row.order
    access.require(_PERMISSION[deed], found.zone.code)  # type: ignore[arg-type]
    if request.method != "POST":
        if deed not in view.may:
            raise StateError("order-state", order=found.code)
        return _ask(request, view, deed)
    reason = request.POST.get("reason", "")
    try:
        _carry_out(request, view, deed, reason, today)
    except UnknownReferenceError:
        raise
    except (InputError, StateError) as error:
        if deed not in view.may:
            raise
        return _ask(request, view, deed, error=error, reason=reason)
    messages.success(request, _done()[deed])
    return _to(number)


_PERMISSION = {
    "accept": "check", "refuse": "check", "extend": "approve", "escalate": "approve",
    "withdraw": "approve",
}  # fmt: skip


def _carry_out(
    request: HttpRequest, view: supervision.OrderView, deed: str, reason: str, today: date
) -> None:
    number, who = view.row.order.pk, {"access": of(request), "origin": origin(request)}
    if deed == "accept":
        supervision.accept(number, reason, on=today, **who)  # type: ignore[arg-type]
    elif deed == "refuse":
        supervision.refuse(number, reason, **who)  # type: ignore[arg-type]
    elif deed == "extend":
        due_on = order_view.day_of(request.POST.get("due_on", ""), view.row.order.due_on)
        supervision.extend(number, due_on, reason, **who)  # type: ignore[arg-type]
    elif deed == "escalate":
        asked = request.POST.get("level", "")
        level = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
        supervision.escalate(number, level, text=reason, **who)  # type: ignore[arg-type]
    else:
        supervision.withdraw(number, reason, on=today, **who)  # type: ignore[arg-type]


def _ask(
    request: HttpRequest,
    view: supervision.OrderView,
    deed: str,
    *,
    error: ZonewrightError | None = None,
    reason: str = "",
) -> HttpResponse:
    (row,) = order_view.rows([view.row], order_view.zone_names(request))
    levels = [
        (level, name)
        for level, name in order_words.level_names().items()
        if level > view.row.order.level
    ]
    context = {
        "row": row,
        "deed": deed,
        "reply": view.row.replied,
        "files": {step.pk: files for step, files in view.steps}.get(
            view.row.replied.pk if view.row.replied else 0, ()
        ),
        "levels": levels,
        "level_due": max(view.row.level_due, view.row.order.level + 1),
        "due_on": request.POST.get("due_on", view.row.order.due_on.isoformat())[:10],
        "reason": reason,
        "error": error.text(language.current()) if error else "",
        "needs_reason": deed not in ("accept", "escalate"),
    }  # fmt: skip
    return page(request, "order-decide.html", context, status=status_of(error) if error else 200)


def _done() -> dict[str, str]:
    return {
        "accept": _("The reply was accepted; the order is closed."),
        "refuse": _("The reply was refused; the order is open again."),
        "extend": _("The deadline was extended."),
        "escalate": _("The order was escalated."),
        "withdraw": _("The order was withdrawn."),
    }


def _bytes(sent: UploadedFile[bytes]) -> bytes:
    """Return a file's bytes, one more than is allowed at most: the action then refuses it."""
    return bytes(sent.read(MAX_BYTES + 1))


def _to(number: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("order", args=[number]))
