"""Replace names by codes where the files themselves say which code a name has.

Zones may be written by name if the zones table is in the same set; a name that no table of the set
explains stays as it is, and the store looks it up in the workspace. Indicators may be written by
the name that the catalogue gives them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zonewright.core.schema import table
from zonewright.intake.aliases import is_reference_to_zone
from zonewright.intake.drafts import Draft
from zonewright.intake.wording import key_of
from zonewright.steering import catalogue

# Names that the catalogue gave before; files that were filled in then are still read.
_FORMER_NAMES = {
    "500亩以上连片成熟地块": "ready_blocks",
    "Contiguous ready blocks of 500 mu and more": "ready_blocks",
    "500亩以上连片成熟地面积": "ready_block_area",
    "Area of contiguous ready blocks": "ready_block_area",
}


def resolve_references(drafts: Sequence[Draft]) -> None:
    """Replace zone and indicator names by codes in every table, in place."""
    zones = _zone_codes(drafts)
    indicators = _indicator_codes()
    for draft in drafts:
        for field in table(draft.table).fields:
            if is_reference_to_zone(draft.table, field):
                _replace(draft, field.name, zones)
            elif field.name == "indicator":
                _replace(draft, field.name, indicators)


def _replace(draft: Draft, name: str, codes: Mapping[str, str]) -> None:
    if not codes:
        return
    for row in draft.rows:
        value = row.get(name)
        if isinstance(value, str):
            row[name] = codes.get(key_of(value), value)


def _zone_codes(drafts: Sequence[Draft]) -> dict[str, str]:
    found: dict[str, str] = {}
    codes: set[str] = set()
    doubtful: set[str] = set()
    for draft in drafts:
        if draft.table != "zones":
            continue
        for row in draft.rows:
            code, name = row.get("code"), row.get("name")
            if not isinstance(code, str):
                continue
            codes.add(key_of(code))
            for text in (name, row.get("name_en")):
                key = key_of(text) if isinstance(text, str) else ""
                if key and found.setdefault(key, code) != code:
                    doubtful.add(key)
    return {name: code for name, code in found.items() if name not in codes | doubtful}


def _indicator_codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, indicator in catalogue.load().items():
        for text in (indicator.zh, indicator.en):
            found.setdefault(key_of(text), code)
    for text, code in _FORMER_NAMES.items():
        found.setdefault(key_of(text), code)
    for code in catalogue.load():
        found[key_of(code)] = code
    return found
