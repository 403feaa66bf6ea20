"""Readers of the desk who never pause: each asks as soon as it has its answer."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import numpy as np

from zonewright.web.tiles.grid import bounds

FIRST_ZOOM, LAST_ZOOM = 10, 16
# A screen of 1440 by 900 shows about so many tiles of 512 pixels.
WIDE, HIGH = 3, 2
# One page to so many tiles.
TILES_A_PAGE = 12
TIMEOUT_S = 60.0


@dataclass(slots=True)
class Heard:
    """What the readers were told: per kind the seconds, bytes and statuses."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def note(self, kind: str, seconds: float, size: int) -> None:
        """Note an answer."""
        self.seconds.setdefault(kind, []).append(seconds)
        self.sizes[kind] = self.sizes.get(kind, 0) + size


class Connection:
    """One connection that stays open, and the cookies of its reader."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.cookies: dict[str, str] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, *, body: bytes = b"", headers: Sequence[str] = ()
    ) -> tuple[int, bytes]:
        """Return status and content of an answer."""
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}",
                 "Accept-Encoding: gzip", *headers]  # fmt: skip
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        length, chunked, closing = 0, False, False
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if name == "content-length":
                length = int(value)
            elif name == "transfer-encoding":
                chunked = "chunked" in value
            elif name == "connection":
                closing = value.lower() == "close"
            elif name == "set-cookie":
                key, _, kept = value.partition(";")[0].partition("=")
                self.cookies[key] = kept
        if chunked:
            content = await self._chunks()
        elif status in (204, 304):
            content = b""
        else:
            content = await self._reader.readexactly(length)
        if closing:
            self.close()
        return status, content

    async def _chunks(self) -> bytes:
        if self._reader is None:
            raise ConnectionError("closed")
        parts = []
        while True:
            size = int((await self._reader.readline()).split(b";")[0], 16)
            parts.append(await self._reader.readexactly(size))
            await self._reader.readexactly(2)
            if not size:
                return b"".join(parts)

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def sign_in(connection: Connection, name: str, password: str) -> None:
    """Sign a reader in by the desk's own page."""
    _, page = await connection.ask("GET", "/sign-in/")
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise SystemExit("The sign-in page has no form.")
    form = {"csrfmiddlewaretoken": found[1].decode(), "username": name, "password": password}
    status, _ = await connection.ask(
        "POST", "/sign-in/", body=urlencode(form).encode(),
        headers=("Content-Type: application/x-www-form-urlencoded",),
    )  # fmt: skip
    if status != 302:
        raise SystemExit(f"Signing in as {name} was answered with {status}.")


def walk(box: Sequence[float], *, steps: int, seed: int) -> list[tuple[int, int, int]]:
    """Return the tiles that a reader of the map asks for: screens at a place, nearer and nearer.

    Each goes somewhere, looks from afar, comes nearer by a zoom, pans by a tile, and starts again.
    A tile that is still on the screen is not asked for again.
    """
    rng = np.random.default_rng(seed)
    found: list[tuple[int, int, int]] = []
    while len(found) < steps:
        lon = rng.uniform(box[0], box[2])
        lat = rng.uniform(box[1], box[3])
        shown: set[tuple[int, int, int]] = set()
        for z in range(FIRST_ZOOM, LAST_ZOOM + 1):
            x, y = tile_at(lon, lat, z)
            pan = int(rng.integers(-1, 2))
            for shift in {0, pan}:
                screen = {(z, x + shift + i, y + j) for i in range(WIDE) for j in range(HIGH)}
                found += sorted(tile for tile in screen - shown if meets(tile, box))
                shown = screen
    return found[:steps]


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Return the tile in which a point lies."""
    x = int((lon + 180) / 360 * 2**z)
    radians = np.radians(lat)
    y = int((1 - np.arcsinh(np.tan(radians)) / np.pi) / 2 * 2**z)
    return x, y


def meets(tile: tuple[int, int, int], box: Sequence[float]) -> bool:
    """Return whether a tile meets a box [degrees]."""
    west, south, east, north = bounds(*tile, buffer=0)
    return west < box[2] and east > box[0] and south < box[3] and north > box[1]


async def read_tiles(
    connection: Connection, tiles: Sequence[tuple[int, int, int]], path: str, heard: Heard,
    until: float, *, pages: Sequence[tuple[str, str]] = (),
) -> None:  # fmt: skip
    """Ask for tiles, and now and then for a page, until a time."""
    place = 0
    while time.perf_counter() < until:
        tile = tiles[place % len(tiles)]
        kind = "tile"
        await _one(connection, path.format(*tile), kind, heard)
        place += 1
        if pages and place % TILES_A_PAGE == 0:
            kind, address = pages[place // TILES_A_PAGE % len(pages)]
            await _one(connection, address, f"page {kind}", heard)


async def _one(connection: Connection, path: str, kind: str, heard: Heard) -> None:
    begin = time.perf_counter()
    try:
        status, content = await asyncio.wait_for(connection.ask("GET", path), TIMEOUT_S)
    except (OSError, EOFError, TimeoutError) as error:
        heard.errors.append(f"{path}: {type(error).__name__}")
        connection.close()
        return
    heard.note(kind, time.perf_counter() - begin, len(content))
    if status not in (200, 204):
        heard.errors.append(f"{path}: {status}")
