"""``zonewright blocks``: contiguous ready land, of a zone or of any parcel file."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import click
from click.core import ParameterSource

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import print_findings, print_json, print_table, say
from zonewright.core.errors import InputError, RangeError

_HEADINGS = {
    "en": ("Block", "Parcels", "Area [ha]", "Area [mu]"),
    "zh": ("连片地块", "地块数", "面积（公顷）", "面积（亩）"),
}
_RULES = {
    "en": {"levelled": "levelled", "supply": "ready to supply"},
    "zh": {"levelled": "连片净地", "supply": "可供成片地块"},
}
_OF_A_ZONE = ("zone", "on", "rule", "as_of")
_OF_A_FILE = (
    "layer", "ready_where", "id_column", "crs", "min_frontage_m", "tolerance_m", "strips",
    "strip_kinds", "barriers", "no_go", "members", "out",
)  # fmt: skip


@click.command("blocks", cls=Command)
@click.argument("source", metavar="WORKSPACE|FILE")
@click.option("--zone", help="Code of the zone of a workspace.")
@click.option("--on", type=options.DAY, help="Day; today if not given.")
@click.option(
    "--rule",
    type=click.Choice(["levelled", "supply"]),
    default="levelled",
    show_default=True,
    help="What counts in a zone: land levelled by its stage, or ready to supply.",
)
@click.option("--layer", help="Layer of the file, if it has several.")
@click.option("--ready-where", help="Condition in SQL that a ready parcel of the file meets.")
@click.option("--id", "id_column", help="Column that names the parcels of the file.")
@click.option("--crs", help="Frame of the file's coordinates, if it tells none (EPSG:4547).")
@click.option(
    "--min-area-mu",
    "--min-mu",
    "min_mu",
    default=500.0,
    show_default=True,
    help="Smallest block to list [mu].",
)
@click.option(
    "--min-frontage-m",
    default=1.0,
    show_default=True,
    help="Shortest common edge that joins two parcels of the file [m].",
)
@click.option(
    "--tolerance-m",
    default=0.1,
    show_default=True,
    help="How far apart two drawings of one edge of the file may run [m].",
)
@click.option(
    "--gap-m",
    default=0.0,
    show_default=True,
    help="Widest gap between parcels across which they are joined as well [m]; of a workspace only"
    " over its roads and canals.",
)
@click.option(
    "--strips",
    multiple=True,
    metavar="FILE[:LAYER]",
    help="Roads and canals that may lie in a gap; without, any gap is bridged.",
)
@click.option("--strip-kinds", help="Kinds of strips that may be bridged (road,canal).")
@click.option(
    "--barriers",
    multiple=True,
    metavar="FILE[:LAYER]",
    help="Rivers, expressways and railways that no block reaches across.",
)
@click.option(
    "--no-go",
    multiple=True,
    metavar="FILE[:LAYER]",
    help="Areas in which no parcel is ready, and that no block reaches across.",
)
@click.option("--members", is_flag=True, help="List the parcels of each block of the file (JSON).")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="New geographic file to which the blocks of the file are written (blocks.gpkg).",
)
@options.as_of
@options.as_json
@click.pass_context
def command(
    ctx: click.Context,
    /,
    source: str,
    zone: str | None,
    on: datetime | None,
    rule: str,
    layer: str | None,
    ready_where: str | None,
    id_column: str | None,
    crs: str | None,
    min_mu: float,
    min_frontage_m: float,
    tolerance_m: float,
    gap_m: float,
    strips: tuple[str, ...],
    strip_kinds: str | None,
    barriers: tuple[str, ...],
    no_go: tuple[str, ...],
    members: bool,
    out: Path | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """List the blocks of ready parcels that share edges, and are large enough.

    With --zone, those of a zone of a workspace; without it, those of any file of parcels.
    """
    lang: str = ctx.obj
    _refuse_mixture(ctx, source, zone)
    if zone is not None:
        asked = {"on": on.date() if on else date.today(), "rule": rule, "gap_m": gap_m}
        _of_zone(source, zone, asked, min_mu, as_of, as_json, lang)
        return
    _require_size(min_mu)
    file = importlib.import_module("zonewright.workflows.block_file")
    load_s = file.load()
    found = file.blocks_of_file(
        Path(source),
        layer=layer,
        ready_where=ready_where,
        id_column=id_column,
        crs=crs,
        min_area_mu=min_mu,
        min_frontage_m=min_frontage_m,
        tolerance_m=tolerance_m,
        gap_m=gap_m,
        strips=strips,
        strip_kinds=_words(strip_kinds),
        barriers=barriers,
        no_go=no_go,
    )
    if out is not None:
        file.write_blocks(found, out)
    items = found.items(members=members)
    if as_json:
        findings = [finding.as_dict(lang) for finding in found.findings]
        print_json(
            {"items": items, "findings": findings, "timing": {"load_s": load_s, **found.timing}}
        )
        return
    print_findings(found.findings, lang=lang)
    if not items:
        text = {
            "en": f"No block of {min_mu:g} mu or more is ready in {Path(source).name}.",
            "zh": f"{Path(source).name} 内没有 {min_mu:g} 亩以上的连片成熟地块。",
        }
        say(text[lang])
        return
    _print(
        lang,
        [
            (item["block_id"], item["parcel_count"], item["area_m2"] / 10_000, item["area_mu"])
            for item in items
        ],
    )


def _of_zone(
    workspace: str,
    zone: str,
    asked: Mapping[str, object],
    min_mu: float,
    as_of: datetime | None,
    as_json: bool,
    lang: str,
) -> None:
    importlib.import_module("zonewright.store.workspace").connect(workspace)
    options.require_zone(zone, as_of=as_of, lang=lang)
    _require_size(min_mu)
    day, rule = asked["on"], str(asked["rule"])
    workflow = importlib.import_module("zonewright.workflows.blocks")
    blocks = workflow.blocks_of(zone, min_area_mu=min_mu, as_of=as_of, **asked)
    if as_json:
        findings = [finding.as_dict(lang) for finding in blocks.findings]
        print_json(
            {
                "zone": zone, **asked, "min_mu": min_mu, "items": blocks.as_dicts(),
                "findings": findings,
            }
        )  # fmt: skip
        return
    print_findings(blocks.findings, lang=lang)
    if not blocks.rows:
        text = {
            "en": f"No block of {min_mu:g} mu or more is {_RULES['en'][rule]} in {zone} on {day}.",
            "zh": f"{day} {zone} 内没有 {min_mu:g} 亩以上的{_RULES['zh'][rule]}。",
        }
        say(text[lang])
        return
    _print(
        lang, [(row.block_id, row.parcel_count, row.area_ha, row.area_mu) for row in blocks.rows]
    )


def _words(text: str | None) -> list[str] | None:
    """Return words between commas; None where nothing is given."""
    if text is None:
        return None
    return [word.strip() for word in text.replace("，", ",").split(",") if word.strip()]


def _refuse_mixture(ctx: click.Context, source: str, zone: str | None) -> None:
    """Refuse options of the one form in the other, and a workspace without a zone."""
    given = {
        param.name: param.opts[0]
        for param in ctx.command.params
        if param.name and ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
    }
    wrong = [given[name] for name in (_OF_A_FILE if zone else _OF_A_ZONE) if name in given]
    if wrong:
        code = "blocks-option-of-file" if zone else "blocks-option-of-zone"
        raise InputError(code, options=", ".join(wrong))
    workspace = source.startswith(("postgresql://", "postgres://")) or source.endswith(".sqlite")
    if workspace and zone is None and "layer" not in given:
        missing = next(param for param in ctx.command.params if param.name == "zone")
        raise click.MissingParameter(ctx=ctx, param=missing)


def _require_size(min_mu: float) -> None:
    if min_mu <= 0:
        raise RangeError("block-size-bad", found=f"{min_mu:g}")


def _print(lang: str, rows: list[tuple[object, int, float, float]]) -> None:
    print_table(
        list(zip(_HEADINGS[lang], (False, True, True, True), strict=True)),
        [
            (str(name), f"{count:,}", f"{area_ha:,.2f}", f"{area_mu:,.1f}")
            for name, count, area_ha, area_mu in rows
        ],
    )
