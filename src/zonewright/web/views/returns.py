"""Monthly returns of all zones: what waits for the reader, how complete a month is, files in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zonewright.core.errors import InputError, ZonewrightError
from zonewright.core.periods import Period
from zonewright.steering.returns.kinds import ReturnKind, kinds
from zonewright.store.access import Access
from zonewright.store.models import Return, Zone
from zonewright.web import language, return_words
from zonewright.web.access import of, origin
from zonewright.web.page import page
from zonewright.web.return_answers import Answer, answer_of
from zonewright.web.views.runs import attachment
from zonewright.workflows import returns as workflow
from zonewright.workflows.returns_answers import Completeness, Due, Waiting
from zonewright.workflows.returns_due import MONTHS_NOT_BEGUN

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS_OF_FILES = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
MOST_FILES, MOST_BYTES = 60, 50 * 1024 * 1024
_MEGABYTE = 1024 * 1024
PAGE_ZONES, SHOWN_WAITING = 40, 12
# A month that nobody has returned anything for in so long is not what a reader looks for first.
_RECENT_MONTHS = 3


@require_safe
def returns(request: HttpRequest) -> HttpResponse:
    """Show what waits for the reader, and the completeness of a month."""
    access = of(request)
    if not access.may_anywhere("view"):
        return page(request, "no-access.html", {})
    today = timezone.localdate()
    period = return_words.month_of(request.GET.get("month", "")) or usual_month(access, today)
    found = workflow.completeness(period, access, on=today)
    waiting = workflow.inbox(access, on=today)
    zones = zones_shown(found, request.GET.get("zones", ""))
    pages = Paginator(zones, PAGE_ZONES).get_page(request.GET.get("page"))
    step = request.GET.get("step", "")
    chosen = [one for one in waiting if step in ("", one.step)]
    whole = "all" in request.GET
    context = {
        "month": period,
        "month_name": return_words.month_name(period),
        "before": return_words.moved(period, -1),
        "after": return_words.moved(period, 1),
        "today": today,
        "found": found,
        "kinds": [kinds()[code] for code in found.kinds],
        "rows": [board_row(found, zone) for zone in pages],
        "pages": pages,
        "only": request.GET.get("zones", ""),
        "zone_count": len(found.zones),
        "counts": counts(found),
        "waiting": [waiting_row(one) for one in (chosen if whole else chosen[:SHOWN_WAITING])],
        "waiting_count": len(waiting),
        "waiting_months": MONTHS_NOT_BEGUN,
        "chosen_count": len(chosen),
        "steps": step_counts(waiting),
        "step": step,
        "may_report": access.may_anywhere("report"),
        "reporting": reporting_zones(found, access),
        "all_kinds": [(item.code, item.label(language.current())) for item in kinds().values()],
        "files": ",".join(KINDS_OF_FILES),
        "most_mb": MOST_BYTES // _MEGABYTE,
        "most_bytes": MOST_BYTES,
        "most_files": MOST_FILES,
    }
    return page(request, "returns.html", context)


def usual_month(access: Access, today: date) -> str:
    """Return the month that a reader means first: the last one, if returns still come."""
    last = return_words.moved(f"{today:%Y-%m}", -1)
    latest = access.narrow(Return.objects.order_by()).aggregate(latest=Max("period"))["latest"]
    if latest is None or Period.parse(latest).last > Period.parse(last).last - _RECENT_MONTHS:
        return last
    return str(latest)


@dataclass(frozen=True, slots=True)
class BoardCell:
    """A zone's return of a kind on the board."""

    due: Due | None
    word: return_words.Word | None = None
    kind: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A zone's returns of a month, kind by kind."""

    zone: str
    name: str
    cells: tuple[BoardCell, ...]
    done: int


def zones_shown(found: Completeness, only: str) -> list[str]:
    """Return the zones of a board: all, or those of which something is late or lacking."""
    if only not in ("open", "late"):
        return list(found.zones)
    wanted = {
        zone
        for (zone, _kind), due in found.cells.items()
        if (due.late if only == "late" else due.state != "locked")
    }
    return [zone for zone in found.zones if zone in wanted]


def board_row(found: Completeness, zone: str) -> BoardRow:
    """Return a line of the board."""
    cells, name = [], zone
    for code in found.kinds:
        due = found.cells.get((zone, code))
        label = kinds()[code].label(language.current())
        if due is None:
            cells.append(BoardCell(None, kind=label))
            continue
        name = return_words.zone_name(due) or name
        cells.append(BoardCell(due, return_words.state(due.state), label, address_of(due)))
    done = sum(cell.due is not None and cell.due.done for cell in cells)
    return BoardRow(zone, name, tuple(cells), done)


def counts(found: Completeness) -> list[tuple[return_words.Word, int]]:
    """Return how many returns are in each state that occurs."""
    return [
        (return_words.state(state), found.counts[state])
        for state in return_words.STATES
        if found.counts.get(state)
    ]


def address_of(due: Due) -> str:
    """Return the address of a return, begun or not."""
    if due.id is not None:
        return reverse("return", args=[due.id])
    return reverse("return-month", args=[due.period, due.kind, due.zone])


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A return that waits for the reader, as the list shows it."""

    waiting: Waiting
    step: str
    kind: str
    zone: str
    month: str
    address: str


def waiting_row(waiting: Waiting) -> WaitingRow:
    """Return a line of the list of what waits."""
    due = waiting.due
    return WaitingRow(
        waiting,
        return_words.steps()[waiting.step],
        kinds()[due.kind].label(language.current()),
        return_words.zone_name(due),
        return_words.month_name(due.period),
        address_of(due),
    )


def step_counts(waiting: tuple[Waiting, ...]) -> list[tuple[str, str, int]]:
    """Return how many returns wait for each step that occurs: its code, name and number."""
    found = [
        (code, name, sum(one.step == code for one in waiting))
        for code, name in return_words.steps().items()
    ]
    return [one for one in found if one[2]]


def reporting_zones(found: Completeness, access: Access) -> list[tuple[str, str]]:
    """Return the zones for which the reader may report: code and name."""
    codes = sorted(access.among(found.zones, "report"), key=found.zones.index)
    names = {zone: return_words.zone_name(due) for (zone, _kind), due in found.cells.items()}
    return [(code, names.get(code, code)) for code in codes]


# ---- A return that nobody began ------------------------------------------------------------------


@require_safe
def month(request: HttpRequest, period: str, kind: str, zone: str) -> HttpResponse:
    """Show a return that nobody began, and how to begin it; one that was begun has its own page."""
    access = of(request)
    asked, named = _asked(access, period, kind, zone)
    begun = Return.objects.filter(kind=kind, zone=named, period=period).first()
    if begun is not None:
        return redirect("return", begun.pk)
    today, due_on = timezone.localdate(), asked.due_on(period)
    due = Due(
        kind, zone, named.name, named.name_en, period, "missing", due_on,
        max((today - due_on).days, 0),
    )  # fmt: skip
    context = {
        "section": "returns",
        "due": due,
        "today": today,
        "kind": asked,
        "kind_name": asked.label(language.current()),
        "zone_name": return_words.zone_name(due),
        "month_name": return_words.month_name(period),
        "word": return_words.state("missing"),
        "is_asked": asked.asked(period),
        "may_report": access.may("report", zone),
        "sheets": [sheet.label(language.current()) for sheet in asked.sheets],
    }
    return page(request, "return-month.html", context)


@require_POST
def begin(request: HttpRequest, period: str, kind: str, zone: str) -> HttpResponse:
    """Begin a return with what the workspace knows, and go to its form."""
    access = of(request)
    _asked(access, period, kind, zone)
    number = workflow.begin(kind, zone, period, access, origin=origin(request))
    return redirect("return-form", number)


def _asked(access: Access, period: str, kind: str, zone: str) -> tuple[ReturnKind, Zone]:
    """Return the kind and zone of an address.

    Raises
    ------
    Http404
        If the address names none, or none that the reader may see.
    """
    named = Zone.objects.filter(code=zone).first()
    if kind not in kinds() or return_words.month_of(period) != period or named is None:
        raise Http404(f"{period} {kind} {zone}")
    if not access.may("view", zone):
        raise Http404(zone)
    return kinds()[kind], named


# ---- Workbooks -----------------------------------------------------------------------------------


@require_safe
def blank(request: HttpRequest) -> HttpResponse:
    """Return the workbook to fill in for a kind, zone and month."""
    period, kind, zone = (request.GET.get(name, "") for name in ("period", "kind", "zone"))
    access = of(request)
    _asked(access, period, kind, zone)
    name, content = workflow.blank_workbook(kind, zone, period, access, lang=language.current())
    return attachment(content, XLSX, name)


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in workbooks, and show what became of each."""
    access = of(request)
    if not access.may_anywhere("report"):
        raise Http404(request.path)
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, _("Choose at least one workbook."))
        return redirect(_back(request))
    _require_few(len(files), sum(file.size or 0 for file in files))
    answers: list[Answer] = []
    for file in files:
        name = (file.name or "").replace("\\", "/").rpartition("/")[2]
        try:
            handed = workflow.hand_in(name, file.read(), access, origin=origin(request))
        except ZonewrightError as error:
            answers.append(Answer.refused_by(name, error))
        else:
            answers.append(answer_of(handed))
    taken = sum(answer.id is not None for answer in answers)
    context = {
        "section": "returns",
        "answers": answers,
        "taken": taken,
        "refused": len(answers) - taken,
        "ready": any(answer.may_submit for answer in answers),
        "faulty": sum(answer.errors > 0 and answer.id is not None for answer in answers),
        "back": _back(request),
    }
    return page(request, "return-upload.html", context, status=200 if taken else 422)


def _require_few(count: int, size: int) -> None:
    """Refuse more files than anybody waits for.

    Raises
    ------
    InputError
        Saying how many, and how much, can be handed in at once.
    """
    if count > MOST_FILES or size > MOST_BYTES:
        raise InputError("returns-too-many", most=MOST_FILES, most_mb=MOST_BYTES // _MEGABYTE)


def _back(request: HttpRequest) -> str:
    month_given = return_words.month_of(request.POST.get("month", ""))
    query = f"?{urlencode({'month': month_given})}" if month_given else ""
    return reverse("returns") + query
