"""``zonewright grade``: to what levels a block is cut and filled at least cost."""

from __future__ import annotations

import importlib
from datetime import date, datetime
from pathlib import Path

import click

from zonewright.cli import options
from zonewright.cli.speaking import Command
from zonewright.cli.terminal import err, print_json, print_table, progress, say
from zonewright.core.texts import text_of
from zonewright.store.workspace import connect

_PADS = {
    "en": ("Platform", "Level [m]", "Slope [%]", "Cut [m³]", "Fill [m³]"),
    "zh": ("台地", "标高（米）", "坡度（%）", "挖方（立方米）", "填方（立方米）"),
}
_HAULS = {
    "en": ("From", "To", "Volume [m³]", "Distance [m]", "Cost [10,000 yuan]"),
    "zh": ("自", "至", "自然方（立方米）", "距离（米）", "费用（万元）"),
}


@click.command("grade", cls=Command)
@options.workspace
@click.argument(
    "terrain", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="TERRAIN"
)
@click.option("--zone", required=True, help="Code of the zone to plan for.")
@click.option("--on", type=options.DAY, help="Day; today if not given.")
@click.option("--block", help="Block of ready land, by its code.")
@click.option("--parcels", help="Codes of parcels, separated by commas, in place of a block.")
@click.option("--crs", help="Frame of the terrain, if the file tells none (EPSG:4547).")
@click.option("--height-unit", help="Unit of the heights, if the file tells none: m, ft, cm.")
@click.option(
    "--pattern",
    type=click.Choice(("one", "grid", "terraces")),
    default="one",
    show_default=True,
    help="One platform, a grid of them, or terraces down the fall.",
)
@click.option("--terraces", type=int, help="Number of terraces.")
@click.option("--min-width-m", type=float, help="Least width of a terrace [m].")
@click.option("--width-m", type=float, help="Width of a platform of the grid [m].")
@click.option("--depth-m", type=float, help="Depth of a platform of the grid [m].")
@click.option("--turned-deg", type=float, help="Turn of the grid from east [degrees].")
@click.option("--max-slope-pct", type=float, help="Steepest slope of a platform [%].")
@click.option("--min-level-m", type=float, help="Lowest level, drainage or flood [m].")
@click.option("--max-step-m", type=float, help="Largest step between platforms [m].")
@click.option(
    "--balance/--no-balance", default=True, help="Whether no soil may come in or leave the block."
)
@click.option("--cut-cny-m3", type=float, help="Cutting [CNY/m³].")
@click.option("--fill-cny-m3", type=float, help="Filling [CNY/m³].")
@click.option("--haul-cny-m3-km", type=float, help="Hauling [CNY/(m³·km)].")
@click.option("--wall-cny-m2", type=float, help="Retaining a step [CNY/m²].")
@click.option("--swell", type=float, help="Loose volume of 1 m³ in place.")
@click.option("--shrink", type=float, help="Compacted volume of 1 m³ in place.")
@click.option("--detour", type=float, help="Way driven by straight distance.")
@click.option(
    "--site",
    "sites",
    multiple=True,
    metavar="TEXT",
    help="Borrow pit or dump: name,borrow|dump,longitude,latitude,CNY/m³,m³; may be repeated.",
)
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the grid of cut and fill, its picture, and the platforms.",
)
@click.option("--time-limit-s", default=30.0, show_default=True, help="Time for the search [s].")
@options.as_json
@click.pass_obj
def command(
    lang: str,
    /,
    workspace: str,
    terrain: Path,
    zone: str,
    on: datetime | None,
    sites: tuple[str, ...],
    folder: Path | None,
    as_json: bool,
    **given: object,
) -> None:
    """Find the levels that grade a block at least cost, its volumes and where the soil goes.

    TERRAIN is a GeoTIFF or an ASCII grid of heights. The cost stands beside that of the single
    best plane; volumes are computed by grid and by prisms.
    """
    connect(workspace)
    options.require_zone(zone, as_of=None, lang=lang)
    asking = importlib.import_module("zonewright.workflows.grading_question")
    grading = importlib.import_module("zonewright.workflows.grading")
    books = importlib.import_module("zonewright.workflows.books")
    params = {name: value for name, value in given.items() if value is not None}
    params |= {
        "zone": zone,
        "on": (on.date() if on else date.today()).isoformat(),
        "sites": "\n".join(sites),
    }
    question = asking.question_of(params)
    with progress("", quiet=as_json) as report:
        problem, ground = grading.problem_of(question, terrain, books.open_books())
        result = grading.plan_grading(question, problem, say=lambda share: report(share, ""))
    found = grading.told(question, problem, ground, result)
    if folder is not None and result.plan is not None:
        found["files"] = grading.write_files(problem, result.plan, folder)
    if as_json:
        print_json(found)
    else:
        _print(found, lang)
    if result.plan is None:
        raise click.exceptions.Exit(1)


def _print(found: dict[str, object], lang: str) -> None:
    for finding in found["findings"]:  # type: ignore[attr-defined]
        ids = ", ".join(finding["ids"][:5])
        text = text_of(finding["code"], {"ids": ids, **finding["params"]}, lang)
        err().print(text, markup=False, soft_wrap=True)
    plan = found["plan"]
    if plan is None:
        code = "plan-grading-time" if found["status"] == "unknown" else "plan-grading-none"
        say(text_of(code, {}, lang))
        return
    told = importlib.import_module("zonewright.cli.plan_lines")
    for line in told.grading_lines(found, lang):
        say(line)
    numeric = (False, True, True, True, True)
    print_table(
        list(zip(_PADS[lang], numeric, strict=True)),
        [
            (
                pad["name"], f"{pad['level_m']:,.3f}", f"{pad['slope_pct']:.2f}",
                f"{pad['cut_m3']:,.0f}", f"{pad['fill_m3']:,.0f}",
            )
            for pad in plan["pads"]  # type: ignore[index]
        ],
    )  # fmt: skip
    print_table(
        list(zip(_HAULS[lang], (False, False, True, True, True), strict=True)),
        [
            (
                haul["source"], haul["target"], f"{haul['volume_m3']:,.0f}",
                f"{haul['distance_m']:,.0f}", f"{haul['cost_cny'] / 1e4:,.1f}",
            )
            for haul in plan["hauls"]  # type: ignore[index]
        ],
        lead=2,
    )  # fmt: skip
    for path in found.get("files", ()):  # type: ignore[attr-defined]
        say(str(path))
