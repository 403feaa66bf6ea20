"""The desk under twenty readers and a writer, on SQLite and PostGIS, beside tipg's ST_AsMVT.

Readers ask as soon as they have their answer: tiles of screens that come nearer from zoom 10 to 16,
and now and then a page. Meanwhile somebody edits parcels. The same tiles are asked of tipg, which
serves the parcels of the same PostgreSQL. That both give the same parcels is checked first.

    python -m benchmarks.desk --parcels 1000000 --readers 20 --seconds 40

Without ZONEWRIGHT_TEST_DATABASE_URL it starts itself again under ``tools/with_postgis``.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import shapely

from benchmarks import _desk_servers as servers
from benchmarks._desk_ground import COMMON, PASSWORD, Filled, Land, draw, fill
from benchmarks._desk_load import (
    FIRST_ZOOM,
    LAST_ZOOM,
    Connection,
    Heard,
    read_tiles,
    sign_in,
    walk,
)

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zonewright-benchmarks"
OURS = "/tiles/parcels/{}/{}/{}.mvt"
THEIRS = (
    "/collections/public.store_parcel/tiles/WebMercatorQuad/{}/{}/{}?properties=code,stage,area_m2"
)
COMPARED = 12
NEAR_ZOOM = 13
WELL_INSIDE = shapely.box(8, 8, 4088, 4088)
Tile = tuple[int, int, int]


def main(arguments: list[str]) -> None:
    """Run, print tables, and write ``benchmarks/results/desk.json``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=40.0, help="of each measurement")
    parser.add_argument("--edits", type=float, default=5.0, help="edits a second")
    parser.add_argument("--seed", type=int, default=2023)
    parser.add_argument("--sqlite-only", action="store_true", help="without PostGIS and tipg")
    parser.add_argument("--out", type=Path, default=RESULTS / "desk.json")
    given = parser.parse_args(arguments)
    shared = os.environ.get("ZONEWRIGHT_TEST_DATABASE_URL", "")
    if not shared and not given.sqlite_only:
        command = [ROOT / "tools" / "with_postgis", sys.executable, "-m", "benchmarks.desk"]
        raise SystemExit(subprocess.run([*command, *arguments], check=False).returncode)
    result = run(given, shared)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    tell(result)


def run(given: argparse.Namespace, shared: str) -> dict[str, object]:
    """Return the whole result."""
    say(f"drawing {given.parcels:,} parcels")
    land = draw(given.parcels, seed=given.seed)
    result: dict[str, object] = {"benchmark": "desk", "machine": machine(), **options(given)}
    with tempfile.TemporaryDirectory(prefix="zonewright-bench-") as folder:
        targets = {"sqlite": str(Path(folder) / "bench.sqlite")}
        if shared and not given.sqlite_only:
            targets["postgis"] = shared
        filled = {name: filled_in(name, target, land, given)
                  for name, target in targets.items()}  # fmt: skip
        del land
        for name, target in targets.items():
            if name == "postgis":
                result["same_parcels"] = compare(target, filled[name])
            result[name] = measure(name, target, filled[name], given)
        if "postgis" in targets:
            result["tipg"] = measure_tipg(targets["postgis"], filled["postgis"], given)
    return result


def filled_in(name: str, target: str, land: Land, given: argparse.Namespace) -> Filled:
    """Make a workspace and fill it."""
    say(f"filling the workspace on {name}")
    begin = time.monotonic()
    found = fill(target, land, readers=given.readers, seed=given.seed)
    say(f"filled in {time.monotonic() - begin:.0f} s")
    return found


def measure(name: str, target: str, filled: Filled, given: argparse.Namespace) -> dict[str, object]:
    """Return what readers of the desk were told, first with nothing kept, then overall."""
    say(f"serving {name} by the desk: {given.readers} readers, 1 writer, {given.seconds:.0f} s")
    pages = _pages(filled)
    walks = _walks(filled, given)
    with servers.desk(target) as port:
        begin = time.monotonic()
        connections_of = asyncio.run(_signed_in(port, filled))
        first = asyncio.run(_one_reader(connections_of[0], walks[0][:200], OURS))
        ready_s = round(time.monotonic() - begin, 1)
        begin = time.monotonic()
        asyncio.run(_open_pages(connections_of, pages))
        opened_s = round(time.monotonic() - begin, 1)
        with servers.writer(target, filled.parcels, given.edits) as written:
            heard = asyncio.run(_read(connections_of, walks, OURS, given.seconds, pages))
            near = asyncio.run(_read(connections_of, _near(walks), OURS, given.seconds / 2, ()))
    return {
        "signed_in_and_first_tiles_s": ready_s,
        "every_page_opened_once_s": opened_s,
        "first_reader": summary(first, 1.0),
        **summary(heard, given.seconds),
        "near": summary(near, given.seconds / 2),
        "writer": written,
    }


def measure_tipg(target: str, filled: Filled, given: argparse.Namespace) -> dict[str, object]:
    """Return what the same readers of the same tiles were told by tipg, with the same writer."""
    say("serving the same parcels by tipg")
    walks = _walks(filled, given)
    with servers.tipg(target, CACHE) as port:
        connections_of = [Connection(servers.HOST, port) for _ in walks]
        first = asyncio.run(_one_reader(connections_of[0], walks[0][:200], THEIRS))
        with servers.writer(target, filled.parcels, given.edits) as written:
            heard = asyncio.run(_read(connections_of, walks, THEIRS, given.seconds, ()))
            near = asyncio.run(_read(connections_of, _near(walks), THEIRS, given.seconds / 2, ()))
    return {
        "versions": servers.tipg_versions(CACHE),
        "first_reader": summary(first, 1.0),
        **summary(heard, given.seconds),
        "near": summary(near, given.seconds / 2),
        "writer": written,
        "differs": "tipg draws every parcel at every zoom and keeps no tiles; the desk joins "
        "parcels below zoom 12, keeps tiles, and asks who may see what. tipg answers anybody. "
        f"At zoom {NEAR_ZOOM} and above (near) both draw each parcel.",
    }


def compare(target: str, filled: Filled) -> dict[str, object]:
    """Return of how many tiles both give the same parcels; end if they do not."""
    say("comparing parcels with tipg")
    wanted = [tile for tile in walk(filled.box, steps=4000, seed=5) if tile[0] >= 14][:COMPARED]
    with servers.desk(target) as port, servers.tipg(target, CACHE) as other:
        ours = asyncio.run(_codes(port, filled, wanted))
        theirs = asyncio.run(_codes(other, None, wanted))
    count = 0
    for tile, own, foreign in zip(wanted, ours, theirs, strict=True):
        # What only touches the margin is cut away by one and not by the other.
        if own["inside"] != foreign["inside"]:
            raise SystemExit(
                f"Tile {tile}: {len(own['inside'] ^ foreign['inside'])} parcels differ"
            )
        count += len(own["inside"])
    return {"tiles": len(wanted), "parcels": count, "zooms": sorted({tile[0] for tile in wanted})}


async def _codes(
    port: int, filled: Filled | None, wanted: Sequence[Tile]
) -> list[dict[str, set[str]]]:
    connection = Connection(servers.HOST, port)
    if filled is not None:
        await sign_in(connection, filled.accounts[0], PASSWORD)
    found = []
    for tile in wanted:
        path = (OURS if filled else THEIRS).format(*tile)
        status, content = await connection.ask("GET", path)
        if status not in (200, 204):
            raise SystemExit(f"{path} was answered with {status}: {content[:200]!r}")
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        features = []
        for layer in mapbox_vector_tile.decode(content).values() if content else ():
            features += layer["features"]
        found.append({"inside": {f["properties"]["code"] for f in features if _inside(f)}})
    connection.close()
    return found


def _inside(feature: dict[str, object]) -> bool:
    """Return whether a feature reaches well into the tile: the margins differ."""
    return bool(shapely.geometry.shape(feature["geometry"]).intersects(WELL_INSIDE))


async def _signed_in(port: int, filled: Filled) -> list[Connection]:
    found = []
    for name in filled.accounts:
        connection = Connection(servers.HOST, port)
        await sign_in(connection, name, PASSWORD)
        connection.close()
        found.append(connection)
    return found


async def _open_pages(readers: Sequence[Connection], pages: Sequence[tuple[str, str]]) -> None:
    """Let every reader open each kind of page once: what a desk has at hand during the day."""
    paths = list(dict(pages).values())

    async def open_all(reader: Connection) -> None:
        for path in paths:
            await reader.ask("GET", path)
        reader.close()

    await asyncio.gather(*(open_all(reader) for reader in readers))


async def _one_reader(connection: Connection, tiles: Sequence[Tile], path: str) -> Heard:
    """Let one reader ask for each tile once: nothing is kept yet, nobody else asks."""
    heard = Heard()
    for tile in dict.fromkeys(tiles):
        await read_tiles(connection, [tile], path, heard, time.perf_counter() + 1e-6)
    connection.close()
    return heard


async def _read(
    readers: Sequence[Connection],
    walks: Sequence[Sequence[Tile]],
    path: str,
    seconds: float,
    pages: Sequence[tuple[str, str]],
) -> Heard:
    heard = Heard()
    until = time.perf_counter() + seconds
    await asyncio.gather(
        *(
            read_tiles(reader, tiles, path, heard, until, pages=[*pages[i:], *pages[:i]])
            for i, (reader, tiles) in enumerate(zip(readers, walks, strict=True))
        )
    )
    for reader in readers:
        reader.close()
    return heard


def _walks(filled: Filled, given: argparse.Namespace) -> list[list[Tile]]:
    """Return each reader's tiles; a quarter of the readers follow in another's steps."""
    count = given.readers
    return [walk(filled.box, steps=6000, seed=100 + i % max(1, count * 3 // 4))
            for i in range(count)]  # fmt: skip


def _near(walks: Sequence[Sequence[Tile]]) -> list[list[Tile]]:
    """Return the tiles of the zooms at which both servers draw each parcel by itself."""
    return [[tile for tile in walk if tile[0] >= NEAR_ZOOM] for walk in walks]


def _pages(filled: Filled) -> list[tuple[str, str]]:
    """Return kinds and addresses of pages, of what every reader may see."""
    rounds = (
        (
            ("overview", "/"),
            ("zone", f"/zones/{COMMON}/"),
            ("ledger", f"/records/parcels/?page={number % 7 + 1}"),
            ("record", f"/records/parcels/{record}/"),
            ("map", "/map/"),
        )
        for number, record in enumerate(filled.seen[:20])
    )
    return [page for some in rounds for page in some]


def summary(heard: Heard, seconds: float) -> dict[str, object]:
    """Return what is told of the answers."""
    kinds: dict[str, object] = {}
    for kind, times in sorted(heard.seconds.items()):
        kinds[kind] = _times(times, heard.sizes.get(kind, 0))
    pages = [value for kind, times in heard.seconds.items() if kind != "tile" for value in times]
    if pages:
        kinds["pages"] = _times(pages, 0)
    total = sum(len(times) for times in heard.seconds.values())
    return {
        "answers": kinds,
        "a_second": round(total / seconds, 1),
        "errors": len(heard.errors),
        "first_errors": heard.errors[:5],
    }


def _times(times: Sequence[float], size: int) -> dict[str, object]:
    ms = np.array(times) * 1000
    p50, p95, p99 = (round(float(value), 1) for value in np.percentile(ms, [50, 95, 99]))
    found: dict[str, object] = {"count": len(ms), "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}
    return found | ({"kb_each": round(size / len(ms) / 1024, 1)} if size else {})


def options(given: argparse.Namespace) -> dict[str, object]:
    """Return what was asked for."""
    return {
        "parcels": given.parcels, "readers": given.readers, "seconds": given.seconds,
        "edits_a_second": given.edits, "zooms": [FIRST_ZOOM, LAST_ZOOM], "seed": given.seed,
    }  # fmt: skip


def machine() -> dict[str, object]:
    """Return what the times depend on."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def tell(result: dict[str, object]) -> None:
    """Print the results as a table."""
    print(f"{'':24} {'count':>8} {'p50':>8} {'p95':>8} {'p99':>8}  ms")
    for name in ("sqlite", "postgis", "tipg"):
        found = result.get(name)
        if not isinstance(found, dict):
            continue
        print(f"{name}: {found['a_second']} answers a second, {found['errors']} errors, "
              f"writer {found['writer']}")  # fmt: skip
        near = f"tile, zoom {NEAR_ZOOM}-{LAST_ZOOM} only"
        rows = {"tile, first asked": found["first_reader"]["answers"]["tile"], **found["answers"],
                near: found["near"]["answers"]["tile"]}  # fmt: skip
        for kind, row in rows.items():
            print(f"  {kind:22} {row['count']:>8} {row['p50_ms']:>8} {row['p95_ms']:>8} "
                  f"{row['p99_ms']:>8}  {row.get('kb_each', '')}")  # fmt: skip


def say(text: str) -> None:
    """Print what is being done."""
    print(f"==> {text}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
