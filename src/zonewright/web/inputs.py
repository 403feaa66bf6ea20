"""Inputs of the record forms: how a typed text becomes a value of the dictionary's kind."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

import shapely
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zonewright.core.errors import PeriodError
from zonewright.core.periods import Period

# Coordinates that differ by less than a centimetre are the same [degrees].
_STEP = 1e-7
# Digits before or after the point of the longest number that is looked at.
_PLACES = 30
_UNREADABLE = (
    ValueError, TypeError, AttributeError, LookupError, RecursionError, shapely.errors.ShapelyError,
)  # fmt: skip


def plain(text: str) -> str:
    """Return a typed number without separators and full-width digits."""
    folded = unicodedata.normalize("NFKC", text).replace("−", "-")
    return "".join(folded.split()).replace(",", "").replace("'", "")


def normal(text: str) -> str:
    """Return a text so that two ways to write the same number are equal; others stripped."""
    try:
        return f"{Decimal(plain(text)).normalize():f}"
    except ArithmeticError:  # no number, or one with more digits than any has
        return text.replace("\r\n", "\n").strip()


class NumberInput(forms.TextInput):
    """A text input that telephones give a number pad, and that takes 2,310 as well as ２３１０."""

    def __init__(self) -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "short"})


class NumberField(forms.Field):
    """A number as it is typed, with or without separators."""

    widget = NumberInput

    def to_python(self, value: Any) -> Decimal | None:
        """Return the number; None for nothing."""
        if value in (None, ""):
            return None
        try:
            found = Decimal(plain(str(value)))
        except InvalidOperation as error:
            raise ValidationError(_("Write a number, such as 2,310 or 0.5.")) from error
        if not found.is_finite() or abs(found.adjusted()) > _PLACES:
            raise ValidationError(_("Write a number, such as 2,310 or 0.5."))
        return found


class DayField(forms.DateField):
    """A day, as the browser's own input gives it."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d", "%Y/%m/%d"], **options)


class MonthField(forms.Field):
    """A month, as the browser's own input gives it; its first day."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2023-10"})

    def to_python(self, value: Any) -> date | None:
        """Return the first day of the month; None for nothing."""
        if value in (None, ""):
            return None
        try:
            found = Period.parse(str(value))
        except PeriodError as error:
            raise ValidationError(_("Write a month, such as 2023-10.")) from error
        if found.months != 1:
            raise ValidationError(_("Write a month, such as 2023-10."))
        return found.start_on


class PeriodField(forms.CharField):
    """A period: a month, a year, or from one month to another."""

    def to_python(self, value: Any) -> Any:
        """Return the period as the workspace writes it."""
        text = super().to_python(value)
        if not text:
            return text
        try:
            return str(Period.parse(text))
        except PeriodError as error:
            raise ValidationError(
                _("Write a period: 2023, 2023-10, or 2023-01..2023-10.")
            ) from error


class ShapeField(forms.CharField):
    """A geometry as GeoJSON or WKT [degrees, longitude first]; as WKB."""

    def __init__(self, *, kind: str, **options: Any) -> None:
        self.kind = kind
        super().__init__(strip=True, **options)

    def to_python(self, value: Any) -> Any:
        """Return WKB; None for nothing."""
        text = super().to_python(value)
        if not text:
            return None
        shape = shape_of(text)
        if self.kind == "multipolygon":
            shape = _polygons(shape)
        return bytes(shapely.to_wkb(shapely.force_2d(shape), flavor="iso", byte_order=1))


def shape_of(text: str) -> shapely.Geometry:
    """Return a shape written as GeoJSON (also a feature, or several) or as WKT.

    Raises
    ------
    ValidationError
        If it is neither, or empty.
    """
    try:
        shape = _from_geojson(json.loads(text)) if text.lstrip()[:1] == "{" else _from_wkt(text)
    except _UNREADABLE as error:
        raise ValidationError(_unreadable()) from error
    if shape.is_empty:
        raise ValidationError(_unreadable())
    return shape


def _unreadable() -> str:
    return _("The shape cannot be read. Draw it on the map, or paste GeoJSON or WKT in degrees.")


def _from_wkt(text: str) -> shapely.Geometry:
    return shapely.from_wkt(text)


def _from_geojson(found: dict[str, Any]) -> shapely.Geometry:
    if found.get("type") == "FeatureCollection":
        parts = [_from_geojson(feature) for feature in found["features"]]
        return parts[0] if len(parts) == 1 else shapely.union_all(parts)
    if found.get("type") == "Feature":
        return _from_geojson(found["geometry"])
    return shapely.from_geojson(json.dumps(found))


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type == "Polygon":
        return shapely.MultiPolygon([shape])
    if shape.geom_type != "MultiPolygon":
        raise ValidationError(_("An area is asked for here: draw polygons, no lines or points."))
    return shape


def geojson(wkb: bytes | None) -> str:
    """Return a geometry as GeoJSON; empty for none."""
    return "" if wkb is None else str(shapely.to_geojson(shapely.from_wkb(wkb)))


def shape_mark(text: str) -> str:
    """Return a fingerprint of a written shape, the same for every way to write it."""
    if not text.strip():
        return ""
    try:
        shape = shape_of(text)
    except ValidationError:
        return sha256(text.encode()).hexdigest()
    parts = shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape
    rounded = shapely.normalize(shapely.transform(parts, lambda xy: (xy / _STEP).round()))
    return sha256(bytes(shapely.to_wkb(rounded))).hexdigest()
