"""What the service says of a collection."""

from __future__ import annotations

from django.db.models import Max, Min
from django.http import HttpRequest

from zonewright.store.access import Access
from zonewright.store.selectors.state import token
from zonewright.web import language
from zonewright.web.api.ogc import crs
from zonewright.web.api.ogc.catalogue import Collection
from zonewright.workflows.kept import Kept

_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


def root_of(request: HttpRequest) -> str:
    """Return the address of the service, without a slash at its end."""
    return request.build_absolute_uri("/ogc")


def summary(of: Collection, root: str, access: Access) -> dict[str, object]:
    """Return a collection as the service lists it."""
    here = f"{root}/collections/{of.id}"
    links = [
        {"rel": "self", "href": here, "type": "application/json"},
        {"rel": "items", "href": f"{here}/items", "type": "application/geo+json"},
        {
            "rel": "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            "href": f"{here}/queryables",
            "type": "application/schema+json",
        },
    ]
    return {
        "id": of.id,
        "title": of.label(language.current()),
        "description": _description(of),
        "itemType": "feature",
        "extent": _kept_extent(of, access),
        "crs": crs.KNOWN,
        "storageCrs": crs.STORAGE,
        "links": links,
    }


def _description(of: Collection) -> str:
    if of.id == "zones":
        return language.choose(
            "片区边界：默认为今天有效的边界，用 datetime 指定其他日期",
            "Boundaries of zones: those of today, or of another day by datetime",
        )
    if of.id == "parcels":
        return language.choose(
            "地块及其已达阶段；datetime 按达到现阶段的日期筛选",
            "Parcels with the stage reached; datetime chooses by the day on which it was",
        )
    return of.label(language.current())


_kept: Kept[tuple[str, str, frozenset[str] | None], dict[str, object]] = Kept(256)


def _kept_extent(of: Collection, access: Access) -> dict[str, object]:
    """Return the extent, measured once for each state of the table and set of zones."""
    changed = token(of.model._meta.db_table) + token(of.located._meta.db_table) * bool(of.geometry)
    return _kept.get((of.id, changed, access.zones()), lambda: _extent(of, access))


def _extent(of: Collection, access: Access) -> dict[str, object]:
    """Return where and when the features lie that somebody may see."""
    rows = of.rows(access)
    found: dict[str, object] = {}
    if of.geometry:
        path = of.geometry.removesuffix("geometry")
        ends = rows.aggregate(
            west=Min(f"{path}west"), south=Min(f"{path}south"),
            east=Max(f"{path}east"), north=Max(f"{path}north"),
        )  # fmt: skip
        box = [ends["west"], ends["south"], ends["east"], ends["north"]]
        if all(number is not None for number in box):
            found["spatial"] = {"bbox": [box], "crs": crs.CRS84}
    if of.start:
        ends = rows.aggregate(first=Min(of.start), last=Max(of.end or of.start))
        days = [day and f"{day.isoformat()}T00:00:00Z" for day in (ends["first"], ends["last"])]
        if of.end:
            days[1] = None
        if days[0] is not None:
            found["temporal"] = {"interval": [days], "trs": _GREGORIAN}
    return found
