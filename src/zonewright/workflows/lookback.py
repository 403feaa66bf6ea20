"""The look-back: figures with their derivations, charts and map, written as HTML, DOCX and PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast, get_args

from django.utils import timezone

from zonewright.core.errors import InputError
from zonewright.core.periods import Period
from zonewright.core.phrases import Lang
from zonewright.core.units import convert
from zonewright.report import docx, html, pdf
from zonewright.report.model import (
    CHAPTERS,
    Chapter,
    Derivation,
    Entry,
    Input,
    Line,
    LookBack,
    PaceMark,
    ReportFigure,
    Text,
)
from zonewright.steering.figure import Figure
from zonewright.steering.pace import Pace
from zonewright.store import selectors
from zonewright.store.access import Access, Permission
from zonewright.store.mapping import EVER
from zonewright.store.models import OutlineItem, Run, Workspace
from zonewright.workflows.books import Books, open_books
from zonewright.workflows.figures import (
    DerivationLine,
    FigureItem,
    FigureSet,
    derivation_lines,
    figure_set,
)
from zonewright.workflows.lookback_drawings import (
    chapter_charts,
    chapter_tables,
    summary_charts,
    zone_map,
)
from zonewright.workflows.lookback_sources import source_files
from zonewright.workflows.runs import keep_run

Progress = Callable[[float, str], None]
QUESTION = "look-back"
FORMATS = ("html", "docx", "pdf")
LANGUAGES: tuple[Lang, ...] = get_args(Lang)
HEADLINES = 8
_BASES = ("nominal", "comparable", "cumulative")
_NATURES = ("flow", "stock", "ratio", "rate")
_WRITERS: Mapping[str, Callable[[LookBack, Path, Lang], object]] = {
    "docx": docx.write,
    "pdf": pdf.write,
}


def look_back(*, as_of: datetime | None = None, at: datetime | None = None) -> LookBack:
    """Return the look-back of the connected workspace.

    Parameters
    ----------
    as_of
        Time at which the workspace is seen; None means now.
    at
        Time stamp printed on the report; None means now.

    Raises
    ------
    InputError
        If the workspace has no outline: it would have nothing to state.
    """
    books = open_books(as_of)
    figures = figure_set(as_of)
    if not figures.items:
        raise InputError("outline-empty")
    when = at or datetime.now(UTC)
    period = main_period(figures)
    workspace = Workspace.objects.get()
    return LookBack(
        title=Text(
            f"{workspace.title}回头看", f"Look-back: {workspace.title_en or workspace.title}"
        ),
        subtitle=Text(period.label("zh"), period.label("en")),
        zones=_zones(figures),
        period=Text(period.label("zh"), period.label("en")),
        as_of=as_of.date() if as_of else _local_day(when),
        generated_at=timezone.localtime(when),
        run=figures.run,
        workspace=str(workspace.identity),
        notices=figures.notices,
        headlines=headlines(figures),
        chapters=tuple(_chapters(books, figures, period)),
        map=zone_map(books, period.end_on),
        charts=summary_charts(figures),
        sources=source_files(as_of),
        glossary=_glossary(figures),
        findings=tuple(finding for item in figures.items for finding in item.findings),
    )


def may(access: Access, permission: Permission = "view") -> bool:
    """Return whether somebody may do something with the look-back, which tells of many zones.

    They may if they are allowed it in the whole workspace, or in every zone that the outline names.
    """
    if access.may(permission):
        return True
    if not access.may_anywhere(permission):
        return False
    codes = named_zones()
    return bool(codes) and codes <= (access.zones(permission) or frozenset())


def named_zones() -> frozenset[str]:
    """Return the codes of the zones that the outline names."""
    named = OutlineItem.objects.order_by("zone__code").values_list("zone__code", flat=True)
    return frozenset(named.distinct())


def _local_day(when: datetime) -> date:
    """Return the day of a time where the headquarters is: in Jiangmen that of UTC ends at 8."""
    return timezone.localtime(when).date()


def keep_look_back(report: LookBack, *, by: str = "") -> Run:
    """Keep that the look-back of the workspace as it is now was made, and of which figures."""
    return keep_run(
        QUESTION,
        fingerprint=selectors.fingerprint(),
        params={},
        result={"figures": len(report.figures), "figures_run": report.run},
        by=by,
    )


def write_reports(
    folder: Path,
    *,
    formats: Sequence[str] = FORMATS,
    languages: Sequence[str] = LANGUAGES,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the look-back as files.

    Parameters
    ----------
    folder
        Where; made if it does not exist. A file of an earlier report is replaced.
    formats
        Of ``html``, ``docx``, ``pdf``.
    languages
        Of ``zh`` (``look-back.EXT``) and ``en`` (``look-back.en.EXT``).
    as_of
        Time at which the workspace is seen; None means now.
    progress
        Called with the share done (0 to 1) and the file at hand.

    Returns
    -------
    paths
        The files.
    """
    report = look_back(as_of=as_of)
    paths = write_files(report, folder, formats=formats, languages=languages, progress=progress)
    if as_of is None:
        keep_look_back(report)
    return paths


def write_files(
    report: LookBack,
    folder: Path,
    *,
    formats: Sequence[str] = FORMATS,
    languages: Sequence[str] = LANGUAGES,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write a look-back that was made as files; parameters as in `write_reports`."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(cast(Lang, lang), kind) for lang in languages for kind in formats]
    paths = []
    for position, (lang, kind) in enumerate(wanted):
        path = folder / file_name(kind, lang)
        if progress:
            progress(position / len(wanted), path.name)
        _write(report, path, kind, lang)
        paths.append(path)
    return tuple(paths)


def file_name(kind: str, lang: str) -> str:
    """Return the name of a report's file."""
    return f"look-back.{kind}" if lang == "zh" else f"look-back.{lang}.{kind}"


def _write(report: LookBack, path: Path, kind: str, lang: Lang) -> None:
    """Write beside the file and replace it, so that a reader never meets half a report."""
    draft = path.with_name(f".{path.name}.part")
    if kind == "html":
        draft.write_text(html.render(report, lang), encoding="utf-8")
    else:
        _WRITERS[kind](report, draft, lang)
    draft.replace(path)


def main_period(figures: FigureSet) -> Period:
    """Return the months that most figures cover: the latest year to date of the outline."""
    spans = [item.period for item in figures.items if item.period.is_year_to_date]
    counted = {span: spans.count(span) for span in spans}
    if not counted:
        return max((item.period for item in figures.items), key=lambda period: period.last)
    return max(counted, key=lambda span: (counted[span], span.last))


def headlines(figures: FigureSet) -> tuple[str, ...]:
    """Return the codes for the first page: what has a target, then what the main zone achieved."""
    main = main_zone(figures) if figures.items else ""
    paced = [item.code for item in figures.items if item.pace]
    rest = [
        item.code
        for item in figures.items
        if item.zone == main and not item.pace and item.figure.indicator.nature == "flow"
    ]
    return tuple([*paced, *rest][:HEADLINES])


def main_zone(figures: FigureSet) -> str:
    """Return the zone that the outline speaks of most."""
    zones = [item.zone for item in figures.items]
    return max(dict.fromkeys(zones), key=zones.count)


def _zones(figures: FigureSet) -> tuple[Text, ...]:
    """Return the zones that have targets; without any, those that the outline speaks of."""
    items = [item for item in figures.items if item.pace] or figures.items
    names = {item.zone: Text(item.zone_name_zh, item.zone_name_en) for item in items}
    return tuple(names.values())


def _chapters(books: Books, figures: FigureSet, period: Period) -> list[Chapter]:
    found = []
    for key in CHAPTERS:
        items = [item for item in figures.items if item.chapter == key]
        if items:
            found.append(
                Chapter(
                    key=key,
                    figures=tuple(report_figure(books, item, figures) for item in items),
                    tables=chapter_tables(key, books, figures, period),
                    charts=chapter_charts(key, books, figures, period),
                )
            )
    return found


def report_figure(books: Books, item: FigureItem, figures: FigureSet) -> ReportFigure:
    """Return a figure as the report prints it, in the unit in which it is stated."""
    stated, figure = item.stated, item.figure
    is_date = isinstance(stated.value, date)
    scale = 1.0 if is_date else float(convert(1, figure.unit, stated.unit))
    return ReportFigure(
        code=item.code,
        label=Text(item.wording_zh, item.wording_en),
        zone=Text(item.zone_name_zh, item.zone_name_en),
        period=Text(item.period.label("zh"), item.period.label("en")),
        value=stated.value,
        unit=stated.unit,
        stated=stated.stated if isinstance(stated.stated, float) else None,
        bound=stated.bound,
        wording=Text(stated.text_zh, stated.text_en) if is_date else Text("", ""),
        basis=figure.basis if figure.basis in _BASES else "",  # type: ignore[arg-type]
        kind="reported" if item.kind == "reported" else "derived",
        nature=figure.indicator.nature if figure.indicator.nature in _NATURES else "",  # type: ignore[arg-type]
        target=None if item.target is None else item.target * scale,
        completion=item.pace.completion_pct if item.pace else None,
        pace=_pace_mark(item.pace, scale) if item.pace else None,
        derivation=_derivation(books, item, figures),
    )


def _pace_mark(pace: Pace, scale: float) -> PaceMark:
    return PaceMark(
        expected_pct=pace.expected_pct,
        ahead_pp=pace.ahead_pp,
        colour=pace.colour,
        required_per_month=None if pace.rate_needed is None else pace.rate_needed * scale,
        done_per_month=pace.rate_so_far * scale,
    )


def _derivation(books: Books, item: FigureItem, figures: FigureSet) -> Derivation:
    lines = derivation_lines(item)
    return Derivation(
        formula=Text(item.figure.formula_zh, item.figure.formula_en),
        scope=scope_text(books, item.figure),
        as_of=figures.as_of.date() if figures.as_of else None,
        run=figures.run,
        unit=item.stated.unit,
        lines=tuple(
            Line(card.record, card.code, card.title, line.contribution, card.place)
            for line in lines
            for card in (line.card,)
        ),
        inputs=(*(_input(part, figures) for part in item.figure.inputs), *_measured(lines)),
    )


def _measured(lines: Sequence[DerivationLine]) -> tuple[Input, ...]:
    """Return from which layers the amounts were measured, where the records tell only a date."""
    layers = dict.fromkeys(
        f"{place.file} [{place.sheet}] {place.column}"
        for place in (line.card.measured for line in lines)
        if place is not None
    )
    label = Text("面积取自图形", "Areas measured from")
    return (Input(label, text=Text.same("; ".join(layers))),) if layers else ()


def scope_text(books: Books, figure: Figure) -> Text:
    """Return the zone of a figure and the boundary versions on which it was computed."""
    zone, on = figure.question.zone, figure.question.period.end_on
    scope = books.scope(on)
    versions = scope.versions
    parts = {"zh": [], "en": []}  # type: dict[str, list[str]]
    for code in scope.bounded_zones(zone):
        day = str(versions["valid_from"][code])[:10]
        dated = day != EVER.isoformat()
        for lang in ("zh", "en"):
            since = f"（{day} 起）" if lang == "zh" else f" (since {day})"
            parts[lang].append(books.zone_name(code, lang) + since * dated)
    names = Text(books.zone_name(zone, "zh"), books.zone_name(zone, "en"))
    if not parts["zh"]:
        return Text(f"{names.zh}（无边界，按隶属关系）", f"{names.en} (no boundary: by membership)")
    return Text(
        f"{names.zh}；边界版本：{'、'.join(parts['zh'])}",
        f"{names.en}; boundary: {', '.join(parts['en'])}",
    )


def _input(figure: Figure, figures: FigureSet) -> Input:
    same = (
        item.code
        for item in figures.items
        if (item.figure.question.indicator, item.zone, item.period)
        == (figure.question.indicator, figure.question.zone, figure.question.period)
    )
    return Input(
        label=Text(figure.indicator.zh, figure.indicator.en),
        value=figure.number,
        unit=figure.unit,
        figure=next(same, ""),
        text=Text("", "") if figure.number is not None else Text("暂无数据", "no data"),
    )


def _glossary(figures: FigureSet) -> tuple[Entry, ...]:
    indicators = {item.figure.indicator.code: item.figure.indicator for item in figures.items}
    return tuple(
        Entry(Text(item.zh, item.en), Text(item.note_zh, item.note_en or item.note_zh))
        for item in indicators.values()
        if item.note_zh
    )
