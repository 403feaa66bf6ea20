"""The map shows every zone, its labels apart, its scale true."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import geopandas as gpd
import pytest
from pyproj import Geod
from shapely.geometry import MultiPolygon, box

from zonewright.core.phrases import Lang
from zonewright.report import maplabels, maps
from zonewright.report.model import LookBack, MapLayer, ReportMap, Text

SVG = "{http://www.w3.org/2000/svg}"


def layer(kind: str, *rows: tuple[str, object]) -> MapLayer:
    frame = gpd.GeoDataFrame(
        {"name_zh": [name for name, _ in rows], "name_en": [name for name, _ in rows]},
        geometry=[shape for _, shape in rows],
        crs="EPSG:4490",
    )
    return MapLayer(kind, Text(kind, kind), frame)


def draw(*layers: MapLayer, note: str = "", lang: Lang = "zh") -> ElementTree.Element:
    content = ReportMap(Text("图", "Map"), layers, Text(note, note))
    return ElementTree.fromstring(maps.render_svg(content, lang))


def words(root: ElementTree.Element) -> list[str]:
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_layer_is_in_the_legend_and_the_note_below(lookback: LookBack, lang: Lang) -> None:
    assert lookback.map is not None
    root = ElementTree.fromstring(maps.render_svg(lookback.map, lang))
    shown = words(root)
    assert {item.label.of(lang) for item in lookback.map.layers} <= set(shown)
    joined = "".join(shown).replace(" ", "")
    assert lookback.map.note.of(lang).replace(" ", "") in joined


def test_labels_do_not_cover_one_another(lookback: LookBack) -> None:
    assert lookback.map is not None
    root = ElementTree.fromstring(maps.render_svg(lookback.map, "zh"))
    boxes = []
    for node in root.iter(f"{SVG}text"):
        if node.get("paint-order"):
            size = float(node.get("font-size", "0"))
            width = maplabels.text_width("".join(node.itertext()), size)
            x, y = float(node.get("x", "0")), float(node.get("y", "0"))
            boxes.append((x - width / 2, y - size * 0.9, x + width / 2, y + size * 0.2))
    assert len(boxes) >= 10
    for place, a in enumerate(boxes):
        for b in boxes[place + 1 :]:
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def test_the_scale_bar_measures_the_ground() -> None:
    west, east, south = 112.0, 113.0, 22.0
    root = draw(layer("district", ("", box(west, south, east, 23.0))))
    path = next(root.iter(f"{SVG}path")).get("d", "")
    xs = [float(x) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]
    ground_km = Geod(ellps="GRS80").line_length([west, east], [south, south]) / 1000
    bars = [node for node in root.iter(f"{SVG}rect") if node.get("height") == "4"]
    length = sum(float(node.get("width", "0")) for node in bars)
    stated_km = float(next(text for text in words(root) if text.endswith(" km"))[:-3])
    assert stated_km / ground_km == pytest.approx(length / (max(xs) - min(xs)), rel=0.01)


def test_holes_islands_and_empty_shapes_are_drawn_or_left_out() -> None:
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    shape = MultiPolygon([ring, box(5, 0, 6, 1)])
    root = draw(layer("cluster", ("区", shape), ("无", None)), layer("park", ("空", None)))
    paths = [node.get("d", "") for node in root.iter(f"{SVG}path")]
    assert max(path.count("Z") for path in paths) == 3
    assert "park" not in words(root)
    assert "无" not in words(root)


def test_names_cannot_leave_their_text() -> None:
    nasty = '</text><script>x</script>"&'
    root = draw(layer("cluster", (nasty, box(0, 0, 9, 9))), note=nasty)
    assert not list(root.iter(f"{SVG}script"))
    assert nasty in words(root)


def test_nothing_to_draw_is_still_a_drawing() -> None:
    assert draw(layer("park", ("空", None))).tag == f"{SVG}svg"


def test_overlaps_show_through(lookback: LookBack) -> None:
    assert lookback.map is not None
    root = ElementTree.fromstring(maps.render_svg(lookback.map, "zh"))
    opacity = [float(node.get("fill-opacity", "1")) for node in root.iter(f"{SVG}g")]
    assert sum(1 for value in opacity if value < 0.5) >= 6


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("片区范围为模拟示意，不作依据。", 84, ["片区范围为模拟", "示意，不作依", "据。"]),
        ("zones are synthetic", 70, ["zones are", "synthetic"]),
        ("", 70, []),
    ],
)
def test_notes_break_between_words(text: str, width: float, lines: list[str]) -> None:
    assert list(maplabels.wrapped(text, 12, width)) == lines


def test_a_frame_without_crs_is_read_as_geographic() -> None:
    item = layer("cluster", ("区", box(112, 22, 113, 23)))
    bare = replace(item, frame=item.frame.set_crs(None, allow_override=True))
    assert "区" in words(draw(bare))


def test_a_crowd_of_small_zones_is_numbered_and_listed() -> None:
    parks = [(f"特色产业园之{n}", box(n, 3, n + 0.1, 3.1)) for n in range(1, 16)]
    root = draw(layer("cluster", ("片区", box(0, 0, 20, 12))), layer("specialised_park", *parks))
    shown = words(root)
    assert {name for name, _ in parks} <= set(shown)
    assert all(shown.count(str(n)) >= 2 for n in range(1, 16))
    written = [node for node in root.iter(f"{SVG}text") if node.get("paint-order")]
    assert ["".join(node.itertext()) for node in written] == ["片区"]


def test_a_few_small_zones_keep_their_names() -> None:
    parks = [(f"园{n}", box(4 * n, 3, 4 * n + 0.1, 3.1)) for n in range(1, 4)]
    root = draw(layer("cluster", ("片区", box(0, 0, 20, 12))), layer("park", *parks))
    assert not list(root.iter(f"{SVG}circle"))
    assert {"园1", "园2", "园3"} <= set(words(root))
