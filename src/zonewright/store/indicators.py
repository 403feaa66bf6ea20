"""Keep the workspace's indicators in step with the dictionary of the steering engine."""

from __future__ import annotations

from dataclasses import asdict

from django.apps import apps

from zonewright.steering.catalogue import Indicator, load

_FIELDS = ("name", "name_en", "unit", "nature", "basis", "definition")


def sync_indicators() -> None:
    """Add indicators that the dictionary has and the workspace lacks, and renew changed ones.

    An indicator that the dictionary no longer has stays: observations may refer to it.
    """
    model = apps.get_model("store", "Indicator")
    present = {row.code: row for row in model.objects.all()}
    missing, changed = [], []
    for code, indicator in load().items():
        values = values_of(indicator)
        row = present.get(code)
        if row is None:
            missing.append(model(code=code, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    model.objects.bulk_create(missing)
    if changed:
        model.objects.bulk_update(changed, _FIELDS)


def values_of(indicator: Indicator) -> dict[str, object]:
    """Return what the table keeps of an indicator."""
    definition = asdict(indicator)
    definition["where"] = [{**item, "values": list(item["values"])} for item in definition["where"]]
    definition["of"] = list(definition["of"])
    return {
        "name": indicator.zh,
        "name_en": indicator.en,
        "unit": indicator.unit,
        "nature": indicator.nature,
        "basis": indicator.basis,
        "definition": definition,
    }
