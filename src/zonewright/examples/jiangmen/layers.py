"""The GeoPackage that goes with the workbooks: zones, parcels, works and no-go areas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio

from zonewright.examples.jiangmen.fabric import Fabric
from zonewright.examples.jiangmen.frame import CRS_CODE
from zonewright.examples.jiangmen.land_ledger import LandRecords
from zonewright.examples.jiangmen.nogo import NoGoArea
from zonewright.examples.jiangmen.register import KINDS
from zonewright.examples.jiangmen.work_returns import KIND, STATUS
from zonewright.examples.jiangmen.works import Work
from zonewright.examples.jiangmen.zones import Zones

NOTICE = "合成示例数据：区县轮廓源自天地图行政区划数据，其余范围、地块、工程、管控区均为虚构"
_SAVED = "2023-11-15T08:00:00Z"
_NO_GO = {
    "farmland": "永久基本农田",
    "ecology": "生态保护红线",
    "water": "水域",
    "flood": "行洪通道",
    "heritage": "文物保护",
}
_CODE = "片区编号"


def write_layers(
    path: Path,
    *,
    zones: Zones,
    fabric: Fabric,
    records: LandRecords,
    works: Sequence[Work],
    no_go: Sequence[NoGoArea],
) -> Path:
    """Write the GeoPackage and return its path; its bytes depend on its contents alone."""
    path.unlink(missing_ok=True)
    layers = {
        "zones": (_zones(zones), True),
        "parcels": (_parcels(fabric, records), True),
        "works": (_works(works), False),
        "no_go": (_no_go(no_go), True),
    }
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _SAVED})
    try:
        for name, (frame, multiple) in layers.items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                append=path.exists(),
                promote_to_multi=multiple,
                geometry_type="MultiPolygon" if multiple else "Unknown",
                layer_options={"DESCRIPTION": NOTICE, "IDENTIFIER": f"{name}（合成示例）"},
                layer_metadata={"notice": NOTICE},
                dataset_metadata={"notice": NOTICE},
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return path


def _frame(columns: dict[str, Any], geometry: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=np.asarray(geometry, dtype=object), crs=CRS_CODE)


def _zones(zones: Zones) -> gpd.GeoDataFrame:
    drawn = [version for version in zones.versions if version.geometry is not None]
    return _frame(
        {
            _CODE: [version.code for version in drawn],
            "片区名称": [version.name for version in drawn],
            "英文名称": [version.name_en for version in drawn],
            "片区类型": [KINDS[version.kind] for version in drawn],
            "边界生效日期": [version.valid_from.isoformat() for version in drawn],
            "边界失效日期": [
                version.valid_to.isoformat() if version.valid_to else None for version in drawn
            ],
            "依据文件": [version.legal_basis for version in drawn],
        },
        [version.geometry for version in drawn],
    )


def _parcels(fabric: Fabric, records: LandRecords) -> gpd.GeoDataFrame:
    towns = [fabric.superblocks[number].town.name for number in fabric.block_of]
    return _frame(
        {
            "地块编号": fabric.codes,
            _CODE: [code or None for code in records.zone],
            "镇村": towns,
            "规划用途": records.use,
        },
        fabric.geometry,
    )


def _works(works: Sequence[Work]) -> gpd.GeoDataFrame:
    return _frame(
        {
            "项目编号": [work.code for work in works],
            "项目名称": [work.name for work in works],
            "项目类型": [KIND[work.kind] for work in works],
            _CODE: [work.zone for work in works],
            "建设性质": [STATUS[work.status] for work in works],
        },
        [work.geometry for work in works],
    )


def _no_go(areas: Sequence[NoGoArea]) -> gpd.GeoDataFrame:
    return _frame(
        {
            "管控区编号": [area.code for area in areas],
            "管控类型": [_NO_GO[area.kind] for area in areas],
            "管控区名称": [area.name for area in areas],
        },
        [area.degrees for area in areas],
    )
