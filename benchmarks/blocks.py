"""Ready blocks beside the ways of GeoPandas, on the same ground and in one run.

Every method joins the ready parcels along shared edges, keeps blocks of 500 mu and more, and gives
each its area and outline. Answers are compared before times are told.

    python -m benchmarks.blocks --parcels 100000
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import scipy
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks._ground import ground, soiled
from zonewright.land.blocks import MU_500_M2, READY_STAGES, ready_blocks

RESULTS = Path(__file__).parent / "results"
MIN_FRONTAGE_DEG = 1.0 / 111_000
Method = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


def zonewright(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join by the package."""
    return ready_blocks(parcels)


def geopandas_dissolve(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join touching pairs whose common boundary has a length, then dissolve each component."""
    ready = parcels[parcels["stage"].isin(READY_STAGES)].reset_index(drop=True)
    pairs = ready[["geometry"]].sjoin(ready[["geometry"]], predicate="touches")
    first, second = pairs.index.to_numpy(), pairs["index_right"].to_numpy()
    once = first < second
    first, second = first[once], second[once]
    shapes = ready.geometry.to_numpy()
    common = shapely.length(shapely.intersection(shapes[first], shapes[second]))
    first, second = first[common > MIN_FRONTAGE_DEG], second[common > MIN_FRONTAGE_DEG]
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(ready), len(ready)))
    ready["block"] = connected_components(links, directed=False)[1]
    blocks = ready[["block", "area_m2", "geometry"]].dissolve("block", aggfunc="sum")
    return blocks[blocks["area_m2"] >= MU_500_M2]


def geopandas_union(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join everything with the fast union of coverages, explode, and add up by a spatial join."""
    ready = parcels[parcels["stage"].isin(READY_STAGES)]
    union = gpd.GeoSeries([ready.union_all(method="coverage")], crs=parcels.crs)
    parts = gpd.GeoDataFrame(geometry=union.explode(ignore_index=True))
    inside = ready.set_geometry(ready.representative_point()).sjoin(parts, predicate="within")
    blocks = parts.assign(area_m2=inside.groupby("index_right")["area_m2"].sum())
    return blocks[blocks["area_m2"] >= MU_500_M2]


METHODS: dict[str, Method] = {
    "zonewright.land.ready_blocks": zonewright,
    "geopandas sjoin(touches) + length + components + dissolve": geopandas_dissolve,
    "geopandas union_all(coverage) + explode + sjoin": geopandas_union,
}


def answer(blocks: gpd.GeoDataFrame) -> dict[str, object]:
    """Return what methods are compared by: count, total, a checksum by rank, and the outlines."""
    areas = np.sort(blocks["area_m2"].to_numpy())
    outlines = shapely.area(blocks.geometry.to_numpy())[np.argsort(blocks["area_m2"].to_numpy())]
    return {
        "blocks": len(areas),
        "area_ha": round(float(areas.sum()) / 10_000, 4),
        "by_rank_ha": round(float((areas * np.arange(1, len(areas) + 1)).sum()) / 10_000, 1),
        "outlines_deg2": round(float(outlines.sum()), 9),
        "all_valid": bool(blocks.geometry.is_valid.all()),
    }


def measure(
    methods: dict[str, Method], parcels: gpd.GeoDataFrame, repeats: int
) -> dict[str, dict[str, object]]:
    """Return answer and wall times of each method; the methods take turns."""
    answers: dict[str, dict[str, object]] = {}
    times: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(repeats):
        for name, method in methods.items():
            start = time.perf_counter()
            blocks = method(parcels)
            times[name].append(time.perf_counter() - start)
            answers[name] = answer(blocks)
    return {
        name: {
            "answer": answers[name],
            "seconds": [round(value, 4) for value in times[name]],
            "median_s": round(statistics.median(times[name]), 4),
        }
        for name in methods
    }


def machine() -> dict[str, object]:
    """Return what the times depend on."""
    libraries = (gpd, shapely, np, pd, scipy, pyproj)
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "geos": shapely.geos_version_string,
        **{library.__name__: library.__version__ for library in libraries},
    }


def run(count: int, *, seed: int, repeats: int) -> dict[str, object]:
    """Return the whole result; refuses to tell times if answers differ."""
    clean = ground(count, seed=seed)
    results = measure(METHODS, clean, repeats)
    answers = [result["answer"] for result in results.values()]
    if any(found != answers[0] for found in answers):
        raise SystemExit(f"The answers differ: {json.dumps(results, indent=2)}")
    dirty = soiled(clean, seed=seed)
    own = {name: METHODS[name] for name in list(METHODS)[:1]}
    soiled_results = measure(own, dirty, repeats)
    same = set(ready_blocks(dirty)["members"]) == set(ready_blocks(clean)["members"])
    if not same:
        raise SystemExit("The soiled ground gives other blocks than the clean one.")
    ours = results[next(iter(METHODS))]["median_s"]
    return {
        "benchmark": "blocks",
        "machine": machine(),
        "seed": seed,
        "repeats": repeats,
        "parcels": len(clean),
        "ready": int(clean["stage"].isin(READY_STAGES).sum()),
        "clean": results,
        "ratio_to_ours": {
            name: round(result["median_s"] / ours, 1)  # type: ignore[operator]
            for name, result in results.items()
        },
        "soiled": {"same_blocks_as_clean": same, **soiled_results},
    }


def main(arguments: list[str]) -> None:
    """Run, print a table, and write ``benchmarks/results/blocks.json``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parcels", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=2023)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS / "blocks.json")
    given = parser.parse_args(arguments)
    result = run(given.parcels, seed=given.seed, repeats=given.repeats)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    first = next(iter(result["clean"].values()))  # type: ignore[attr-defined]
    print(f"{result['parcels']:,} parcels, {result['ready']:,} ready; answer {first['answer']}")
    for name, found in result["clean"].items():  # type: ignore[attr-defined]
        ratio = result["ratio_to_ours"][name]  # type: ignore[index]
        print(f"{found['median_s']:>9.3f} s  {ratio:>6.1f}x  {name}")
    soiled_found = result["soiled"][next(iter(METHODS))]  # type: ignore[index]
    print(f"{soiled_found['median_s']:>9.3f} s          the same, badly drawn ground")


if __name__ == "__main__":
    main(sys.argv[1:])
