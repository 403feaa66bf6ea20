"""What the jobs of the queue do, each in a few steps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import cast

import geopandas as gpd
from django.utils import timezone

from zonewright.core.errors import FindingsError, InputError
from zonewright.core.findings import Finding, has_errors
from zonewright.core.records import FileRead
from zonewright.intake.reading import read_files
from zonewright.report import html
from zonewright.store import actions
from zonewright.workflows import exporting, lookback
from zonewright.workflows.books import open_books
from zonewright.workflows.importing import Prefer
from zonewright.workflows.job import Context, Outcome

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
}
# A page shows findings to people: nobody reads more, and the counts tell of all.
MAX_FINDINGS = 2_000
_READING = 0.4


def look_back(context: Context) -> Outcome:
    """Compute the look-back and write it in every format and language."""
    context.say(0.02, zh="计算各项指标", en="Computing the figures")
    report = lookback.look_back(at=timezone.now())
    folder = context.folder / "made"
    context.say(0.3, zh="编写报告", en="Writing the report")
    paths = lookback.write_files(report, folder, progress=context.part(0.3, 0.95))
    for lang in lookback.LANGUAGES:
        path = folder / fragment_name(lang)
        path.write_text(html.render_fragment(report, lang), encoding="utf-8")
        paths += (path,)
    context.say(0.97, zh="保存文件", en="Keeping the files")
    result = {
        "figures": len(report.figures),
        "figures_run": report.run,
        "made_at": report.generated_at.isoformat(),
    }
    return Outcome(result, files=_made(paths))


def fragment_name(lang: str) -> str:
    """Return the name under which the report's part of a page is kept."""
    return f"fragment.{lang}.html"


def check_files(context: Context) -> Outcome:
    """Read the given files and try to take them in; nothing is written."""
    files = _read(context, end=_READING)
    findings = tuple(finding for file in files for finding in file.findings)
    counts: Mapping[str, actions.Count] = {}
    if not has_errors(findings):
        taken = actions.take(
            files,
            by=context.run.by,
            dry_run=True,
            prefer=_prefer(context),
            progress=context.part(_READING, 1.0),
        )
        findings, counts = taken.findings, taken.counts
    refused = has_errors(findings)
    return Outcome({"refused": refused, **_read_summary(files), **_told(findings, counts)})


def import_files(context: Context) -> Outcome:
    """Read the given files and take them in as one step; faults are the answer, no failure."""
    files = _read(context, end=_READING)

    def write() -> Mapping[str, object]:
        try:
            taken = actions.take(
                files,
                by=context.run.by,
                origin=f"run {context.run.pk}",
                prefer=_prefer(context),
                progress=context.part(_READING, 1.0),
            )
        except FindingsError as error:
            return {"taken": False, **_told(error.findings, {})}
        return {"taken": True, **_told(taken.findings, taken.counts)}

    return Outcome(_read_summary(files), write=write)


def export_gpkg(context: Context) -> Outcome:
    """Write the exchange copy of the workspace as a GeoPackage."""
    on = _day(context)
    path = context.folder / "made" / f"zonewright-{on.isoformat()}.gpkg"
    path.parent.mkdir()
    context.say(0.1, zh="写出图层", en="Writing the layers")
    exporting.export_gpkg(path, on=on)
    context.say(0.9, zh="保存文件", en="Keeping the file")
    return Outcome({"on": on.isoformat(), "size": path.stat().st_size}, files=_made([path]))


def blocks(context: Context) -> Outcome:
    """Compute the contiguous ready blocks of every zone on a day."""
    on = _day(context)
    books = open_books()
    rows: list[dict[str, object]] = []
    drawn: list[dict[str, object]] = []
    for position, zone in enumerate(books.zones):
        context.progress(
            0.05 + 0.9 * position / len(books.zones), books.zone_name(zone, context.lang)
        )
        found = books.blocks_of(zone, on)
        if found.empty:
            continue
        area = float(found["area_m2"].sum())
        rows.append({"zone": zone, "blocks": len(found), "area_m2": area})
        drawn.extend(_features(found, zone))
    collection = {"type": "FeatureCollection", "features": drawn}
    content = json.dumps(collection, ensure_ascii=False, allow_nan=False).encode()
    file = actions.Made(f"blocks-{on.isoformat()}.geojson", MEDIA_TYPES[".geojson"], content)
    return Outcome({"on": on.isoformat(), "zones": rows}, files=[file])


def _features(found: gpd.GeoDataFrame, zone: str) -> list[dict[str, object]]:
    """Return the blocks of a zone as features, in longitude and latitude."""
    frame = found.to_crs("EPSG:4326")[["area_m2", "parcel_count", "geometry"]]
    features: list[dict[str, object]] = json.loads(frame.to_json())["features"]
    for feature in features:
        properties = cast("dict[str, object]", feature["properties"])
        feature["properties"] = {"zone": zone, "block": feature.pop("id"), **properties}
    return features


def _read(context: Context, *, end: float) -> tuple[FileRead, ...]:
    if not context.given:
        raise InputError("run-files-gone")
    return read_files(context.given, progress=context.part(0.0, end))


def _prefer(context: Context) -> Prefer | None:
    given = context.params.get("prefer")
    return given if given in ("file", "workspace") else None


def _day(context: Context) -> date:
    return date.fromisoformat(str(context.params["on"]))


def _read_summary(files: Iterable[FileRead]) -> dict[str, object]:
    return {
        "read": [
            {
                "file": file.name,
                "size": file.size,
                "tables": [
                    {"table": table.table, "sheet": table.sheet, "rows": len(table.rows)}
                    for table in file.tables
                ],
            }
            for file in files
        ]
    }


def _told(findings: Iterable[Finding], counts: Mapping[str, actions.Count]) -> dict[str, object]:
    """Return findings and counts as plain values, the gravest findings first."""
    order = {"error": 0, "warning": 1, "info": 2}
    told = sorted(findings, key=lambda finding: order[finding.severity])
    number = {name: sum(item.severity == name for item in told) for name in order}
    return {
        "findings": [_finding(item) for item in told[:MAX_FINDINGS]],
        "severities": number,
        "counts": {
            name: {
                "created": count.created,
                "updated": count.updated,
                "unchanged": count.unchanged,
            }
            for name, count in counts.items()
        },
    }


def _finding(finding: Finding) -> dict[str, object]:
    """Return a finding with what its text names, so that each reader gets it in their language."""
    params = {
        name: value if isinstance(value, str | int | float | bool) else str(value)
        for name, value in finding.params.items()
    }
    told = finding.as_dict("zh")
    del told["text"]
    return {**told, "params": params}


def _made(paths: Iterable[Path]) -> list[actions.Made]:
    return [
        actions.Made(path.name, MEDIA_TYPES[path.suffix.casefold()], path.read_bytes())
        for path in paths
    ]
