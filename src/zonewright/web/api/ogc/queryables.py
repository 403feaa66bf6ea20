"""The properties of a collection as a JSON schema: what a filter may name."""

from __future__ import annotations

from zonewright.web import language
from zonewright.web.api.ogc.asking import property_names
from zonewright.web.api.ogc.catalogue import Collection, Property


def schema(of: Collection, address: str) -> dict[str, object]:
    """Return the schema of a collection's queryables."""
    named: dict[str, object] = {
        name: property_schema(of.properties[name]) for name in property_names(of)
    }
    if of.geometry:
        named["geometry"] = {
            "format": "geometry-any", "x-ogc-role": "primary-geometry",
            "title": language.choose("几何", "Geometry"),
        }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "title": of.label(language.current()),
        "properties": named,
        "additionalProperties": False,
    }


def property_schema(item: Property, lang: str | None = None) -> dict[str, object]:
    """Return the schema of a property's values."""
    found: dict[str, object] = {"type": "string" if item.kind == "date" else item.kind}
    label = item.zh if (lang or language.current()) == "zh" else item.en
    found["title"] = label
    if item.kind == "date":
        found["format"] = "date"
    if item.unit:
        found["x-ogc-unit"] = item.unit
    if item.choices:
        found["enum"] = list(item.choices)
    return found
