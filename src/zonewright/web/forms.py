"""Forms of records, made from the dictionary of tables: no table has a form of its own.

A field may have inputs beside its own (its unit, its bound, how far a date is known); services and
points of a curve have several. What the inputs held when the form was opened travels with it, so
that what was typed can be told from what somebody else changed in the meantime.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext as _

from zonewright.core.findings import Finding
from zonewright.core.periods import Period
from zonewright.core.phrases import exact
from zonewright.core.schema import Field
from zonewright.core.units import UNITS, convert, known_unit, unit
from zonewright.store.mapping import Column, Mapped, editable
from zonewright.web import inputs, language, values, words
from zonewright.web.values import FOREIGN_UNITS, HABIT, SHAPES, UNITS_OF

LONG_TEXT = 60
YEARS = (1900, 2100)
SERVICE_STATES = range(6)
MONTHS = range(1, 13)
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a form as it is drawn.

    Parameters
    ----------
    field
        The field of the dictionary.
    label, hint
        Its name, and what else is to know.
    inputs
        Its inputs: its own, then those beside it.
    errors
        What is wrong with it.
    """

    field: Field
    label: str
    hint: str
    inputs: tuple[BoundField, ...]
    errors: tuple[str, ...]

    @property
    def is_group(self) -> bool:
        """Whether it has several inputs of the same rank."""
        return self.field.kind in ("services", "points")

    @property
    def is_shape(self) -> bool:
        """Whether it is drawn on the map."""
        return self.field.kind in SHAPES

    @property
    def main(self) -> BoundField:
        """The input to which its label belongs."""
        return self.inputs[0]


class RecordForm(forms.Form):
    """A form of one record of a table.

    Parameters
    ----------
    mapped
        The table.
    data
        What was sent; None for a form that is opened.
    opened
        What the inputs held when the form was opened, by input (`texts_of`).
    """

    def __init__(self, mapped: Mapped, data: Any = None, *, opened: Texts) -> None:
        super().__init__(data, initial=dict(opened), auto_id="id_%s", use_required_attribute=False)
        self.mapped = mapped
        self.opened = opened
        for column in editable(mapped.record):
            for name, made in _inputs(mapped, column, opened).items():
                self.fields[name] = made

    def entries(self) -> list[Entry]:
        """Return the fields in the dictionary's order, each with its inputs."""
        lang = language.current()
        found = []
        for column in editable(self.mapped.record):
            bound = tuple(self[name] for name in names_of(column))
            errors = tuple(str(error) for item in bound for error in item.errors)
            hint = _hint(column.field)
            found.append(Entry(column.field, column.field.label(lang), hint, bound, errors))
        return found

    def changes(self) -> dict[str, object]:
        """Return the values that differ from those with which the form was opened.

        Fields of the dictionary with their values in base units; ``NAME_unit``, ``NAME_bound`` and
        ``NAME_precision`` stand beside a value that was changed.
        """
        changed: dict[str, object] = {}
        for column in editable(self.mapped.record):
            if self.is_changed(column):
                changed |= self._value(column)
        return changed

    def is_changed(self, column: Column) -> bool:
        """Return whether an input of a field holds something else than when it was opened."""
        return any(
            mark(column, str(self.data.get(name, ""))) != mark(column, self.opened.get(name, ""))
            for name in names_of(column)
        )

    def take_findings(self, findings: Iterable[Finding]) -> None:
        """Put each error beside its field; what concerns none stands at the top."""
        lang = language.current()
        known = {column.field.name: names_of(column)[0] for column in editable(self.mapped.record)}
        for finding in findings:
            if finding.severity == "error":
                self.add_error(known.get(finding.field), finding.text(lang))

    def _value(self, column: Column) -> dict[str, object]:
        field, name = column.field, column.field.name
        cleaned = self.cleaned_data
        if field.kind == "services":
            states = {service: cleaned[f"{name}-{service}"] for service in field.choices}
            return {name: {key: int(state) for key, state in states.items() if state} or None}
        if field.kind == "points":
            shares = {number: cleaned[f"{name}-{number}"] for number in MONTHS}
            found = {str(key): float(item) for key, item in shares.items() if item is not None}
            return {name: found or None}
        value = cleaned.get(name)
        beside = {other: cleaned[other] for other in names_of(column)[1:]}
        if field.kind in UNITS_OF:
            value = _in_base(field, value, str(beside[f"{name}_unit"]))
        elif field.kind == "bool":
            value = {"yes": True, "no": False}.get(str(value))
        elif isinstance(value, date):
            value = _last_day(value, str(beside.get(f"{name}_precision", "d")))
        elif value == "":
            value = None
        if not _keeps_unit(self.mapped, column):
            beside.pop(f"{name}_unit", None)
        return {name: value, **(beside if value is not None else {})}


def _keeps_unit(mapped: Mapped, column: Column) -> bool:
    """Return whether the unit of a written value says something: itself, or a currency."""
    names = {field.name for field in mapped.model._meta.get_fields()}
    return bool(column.unit) or (column.field.kind == "money" and "currency" in names)


def names_of(column: Column) -> tuple[str, ...]:
    """Return the names of a field's inputs, its own first."""
    field, name = column.field, column.field.name
    if field.kind == "services":
        return tuple(f"{name}-{service}" for service in field.choices)
    if field.kind == "points":
        return tuple(f"{name}-{number}" for number in MONTHS)
    beside = [f"{name}_bound"] if column.bound else []
    beside += [f"{name}_unit"] if field.kind in UNITS_OF else []
    beside += [f"{name}_precision"] if column.precision else []
    return (name, *beside)


def mark(column: Column, text: str) -> str:
    """Return what tells two contents of an input apart."""
    if column.field.kind in SHAPES:
        # What travels with the form of a shape is its mark, not the shape.
        return text if text.startswith("mark ") or not text else f"mark {inputs.shape_mark(text)}"
    return inputs.normal(text)


def texts_of(mapped: Mapped, given: Mapping[str, Any], geometry: bytes | None) -> dict[str, str]:
    """Return what the inputs of a record hold.

    Parameters
    ----------
    given
        Its values in base units (`store.selectors.RecordState`).
    geometry
        Its shape as WKB.
    """
    found: dict[str, str] = {}
    for column in editable(mapped.record):
        if column.field.kind in SHAPES:
            found[column.field.name] = inputs.geojson(geometry)
        else:
            found |= _texts(column, given)
    return found


def sealed(mapped: Mapped, texts: Texts) -> str:
    """Return what the inputs held as JSON to travel with the form; shapes as their marks."""
    shapes = {
        column.field.name: column
        for column in editable(mapped.record)
        if column.field.kind in SHAPES
    }
    kept = {
        name: mark(shapes[name], text) if name in shapes else text for name, text in texts.items()
    }
    return json.dumps({name: text for name, text in kept.items() if text}, ensure_ascii=False)


def unsealed(text: str) -> dict[str, str]:
    """Return what travelled with a form; nothing if it cannot be read."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(value) for name, value in found.items()}


def _texts(column: Column, given: Mapping[str, Any]) -> dict[str, str]:
    field, name = column.field, column.field.name
    value = given.get(name)
    if field.kind in ("services", "points"):
        known = {str(key): item for key, item in dict(value or {}).items()}
        keys = field.choices if field.kind == "services" else MONTHS
        return {f"{name}-{key}": _number(known.get(str(key))) for key in keys}
    found = dict.fromkeys(names_of(column), "")
    if column.bound:
        found[f"{name}_bound"] = str(given.get(f"{name}_bound") or "exact")
    if column.precision:
        found[f"{name}_precision"] = str(given.get(f"{name}_precision") or "d")
    if field.kind in UNITS_OF:
        shown = _shown_unit(field, given)
        found[f"{name}_unit"] = shown
        found[name] = "" if value is None else _in_unit(field, value, shown, given)
    elif isinstance(value, bool):
        found[name] = "yes" if value else "no"
    elif isinstance(value, date):
        found[name] = f"{value:%Y-%m}" if field.kind == "month" else value.isoformat()
    else:
        found[name] = _number(value)
    return found


def _number(value: object) -> str:
    if isinstance(value, Period):
        return str(value)
    if isinstance(value, float | Decimal):
        return f"{exact(value).normalize():f}"
    return "" if value is None else str(value)


def _shown_unit(field: Field, given: Mapping[str, Any]) -> str:
    kept = str(given.get(f"{field.name}_unit") or "")
    foreign = values.is_foreign(field, given)
    dimension = unit("美元" if foreign else field.unit).dimension
    if known_unit(kept) and unit(kept).dimension == dimension:
        return unit(kept).code
    habit = HABIT[language.current()][field.kind]
    return FOREIGN_UNITS[habit] if foreign else habit


def _in_unit(field: Field, value: Any, shown: str, given: Mapping[str, Any]) -> str:
    base = "美元" if values.is_foreign(field, given) else field.unit
    found = exact(convert(exact(value), base, shown))
    return f"{found.quantize(Decimal('0.000001')).normalize():f}"


def _in_base(field: Field, value: Decimal | None, shown: str) -> object:
    if value is None:
        return None
    base = "美元" if unit(shown).dimension == "usd" else field.unit
    found = convert(value, shown, base)
    return float(found) if field.kind == "area" else exact(found)


def _last_day(value: date, precision: str) -> date:
    if precision == "m":
        return Period.month(value.year, value.month).end_on
    return Period.whole_year(value.year).end_on if precision == "y" else value


def _hint(field: Field) -> str:
    hints = {
        "period": _("2023, 2023-10, or 2023-01..2023-10"),
        "percent": "%",
        "services": _("State of each connection, 0 (none) to 5 (in service with capacity)"),
        "points": _(
            "Share of the year's target to be reached by the end of each month, in percent"
        ),
    }
    return hints.get(field.kind, "")


# ---- The inputs of a kind ---------------------------------------------------------------------


def _inputs(mapped: Mapped, column: Column, opened: Texts) -> dict[str, forms.Field]:
    """Return the inputs of a field by name; one that is required says so only when it is new."""
    field, name = column.field, column.field.name
    label = field.label(language.current())
    if column.field.kind in ("services", "points"):
        return _group(mapped, column)
    required = field.required and (not opened or bool(opened.get(name)))
    made = _one(mapped, column, opened)
    made.required, made.label = required, label
    made.widget.is_required = required
    found = {name: made}
    for other in names_of(column)[1:]:
        part = other.removeprefix(f"{name}_")
        options = _beside(mapped, column, part, opened.get(other, ""))
        beside = forms.ChoiceField(choices=options)
        beside.label = f"{label} · {_part_name(part)}"
        found[other] = beside
    return found


def _one(mapped: Mapped, column: Column, opened: Texts) -> forms.Field:
    field, name = column.field, column.field.name
    makers: Mapping[str, Any] = {
        "date": inputs.DayField,
        "month": inputs.MonthField,
        "period": inputs.PeriodField,
        "number": inputs.NumberField,
        "area": inputs.NumberField,
        "money": inputs.NumberField,
        "energy": inputs.NumberField,
        "percent": inputs.NumberField,
    }
    if field.kind in makers:
        made: forms.Field = makers[field.kind]()
        return made
    if field.kind in SHAPES:
        area = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "shape-text"})
        return inputs.ShapeField(kind=field.kind, widget=area)
    if field.kind == "year":
        return forms.IntegerField(min_value=YEARS[0], max_value=YEARS[1])
    if field.kind == "bool":
        pairs = [("", _("not known")), ("yes", _("yes")), ("no", _("no"))]
        return forms.ChoiceField(choices=pairs)
    if field.kind in ("choice", "unit"):
        return forms.ChoiceField(choices=_choices(mapped.table, field))
    return forms.CharField(strip=True, widget=_text_widget(column, opened.get(name, "")))


def _text_widget(column: Column, text: str) -> forms.Widget:
    if column.refers:
        address = reverse("record-choices", args=[column.refers])
        return forms.TextInput(
            attrs={
                "list": f"list_{column.field.name}",
                "data-choices": address,
                "autocomplete": "off",
            }
        )
    if len(text) > LONG_TEXT or "\n" in text:
        return forms.Textarea(attrs={"rows": 3})
    return forms.TextInput(attrs={"autocomplete": "off"})


def _choices(table: str, field: Field) -> list[tuple[str, str]]:
    if field.kind == "unit":
        return [("", "—"), *((code, values.unit_name(code) or code) for code in UNITS)]
    named = [
        (code, words.choice(code, f"{table}.{field.name}")) for code in field.choices
    ]  # fmt: skip
    if field.name == "stage" and table == "parcel_events":
        named = [(code, f"{code} {name}") for code, name in named]
    return [("", "—"), *named]


def _group(mapped: Mapped, column: Column) -> dict[str, forms.Field]:
    field, name = column.field, column.field.name
    if field.kind == "points":
        return {
            f"{name}-{number}": inputs.NumberField(required=False, label=values.month(number))
            for number in MONTHS
        }
    states = [("", "—"), *((str(state), str(state)) for state in SERVICE_STATES)]
    return {
        f"{name}-{service}": forms.ChoiceField(
            choices=states,
            required=False,
            label=words.choice(service, f"{mapped.table}.{name}"),
        )
        for service in field.choices
    }


def _beside(mapped: Mapped, column: Column, part: str, present: str) -> list[tuple[str, str]]:
    if part == "unit":
        return _units(mapped, column, present)
    if part == "bound":
        return [
            ("exact", _("exactly")),
            ("ge", _("more than")),
            ("le", _("nearly")),
            ("approx", _("about")),
        ]
    return [("d", _("the day is known")), ("m", _("only the month")), ("y", _("only the year"))]


def _units(mapped: Mapped, column: Column, present: str) -> list[tuple[str, str]]:
    kind = column.field.kind
    codes = list(UNITS_OF[kind])
    habit = HABIT[language.current()][kind]
    codes.sort(key=lambda code: code != habit)
    if kind == "money" and _keeps_unit(mapped, column):
        codes += [FOREIGN_UNITS[code] for code in codes]
    if present and present not in codes:
        codes.append(present)
    return [(code, values.unit_name(code)) for code in codes]


def _part_name(part: str) -> str:
    return {"unit": _("unit"), "bound": _("bound")}.get(part, _("how far it is known"))
