"""Tiles that were made, ready to be sent: bounded by their bytes, those asked for last are kept."""

from __future__ import annotations

import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

MOST_BYTES = 96 * 2**20
# A tile seen from afar that took long to make is made again only after this many times as long.
REST = 200
LONG_S, MOST_REST_S = 0.02, 30.0
_LOCKS = 64
_OVERHEAD = 512


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile: its bytes, compressed by gzip; empty if nothing lies in it. The tag names them."""

    gzipped: bytes
    tag: str

    @classmethod
    def of(cls, content: bytes) -> Tile:
        """Return a tile of some bytes."""
        if not content:
            return cls(b"", sha256(b"").hexdigest()[:32])
        packer = zlib.compressobj(level=2, wbits=31)
        return cls(packer.compress(content) + packer.flush(), sha256(content).hexdigest()[:32])

    @property
    def content(self) -> bytes:
        """The bytes as they are."""
        return zlib.decompress(self.gzipped, wbits=31) if self.gzipped else b""


@dataclass(frozen=True, slots=True)
class _Kept:
    tile: Tile
    version: Hashable
    fresh_until: float


class TileCache:
    """Tiles by what was asked, each with the version of what lies in it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = Lock()
        # Several readers of one tile wait for the one who makes it.
        self._makers = tuple(Lock() for _ in range(_LOCKS))

    def get(
        self, key: Hashable, version: Hashable, make: Callable[[], bytes], *, afar: bool = False
    ) -> Tile:
        """Return the tile of a key; made anew if there is none, or one of another version.

        Parameters
        ----------
        key
            What was asked: layer, tile, day and the zones that the reader may see.
        version
            Equal as long as nothing changes in the tile.
        make
            Gives its bytes.
        afar
            Whether a change may show some seconds later, where the tile takes long to make.
        """
        found = self._find(key, version)
        if found is not None:
            return found
        maker = self._makers[hash(key) % _LOCKS]
        if afar and maker.locked():  # somebody makes it: from afar the one before will do
            before = self._before(key)
            if before is not None:
                return before
        with maker:
            found = self._find(key, version)
            if found is None:
                begin = time.monotonic()
                found = Tile.of(make())
                end = time.monotonic()
                rests = afar and end - begin > LONG_S
                rest = min(REST * (end - begin), MOST_REST_S) if rests else 0.0
                self._keep(key, _Kept(found, version, end + rest))
            return found

    def clear(self) -> None:
        """Forget all tiles."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _before(self, key: Hashable) -> Tile | None:
        with self._lock:
            kept = self._kept.get(key)
            return kept.tile if kept is not None else None

    def _find(self, key: Hashable, version: Hashable) -> Tile | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if kept.version != version and kept.fresh_until < time.monotonic():
                return None
            self._kept.move_to_end(key)
            return kept.tile

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            if before is not None:
                self._bytes -= len(before.tile.gzipped) + _OVERHEAD
            self._kept[key] = kept
            self._bytes += len(kept.tile.gzipped) + _OVERHEAD
            while self._bytes > self._most and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.tile.gzipped) + _OVERHEAD
