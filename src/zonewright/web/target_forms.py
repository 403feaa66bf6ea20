"""The form that sets a target, or changes one with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from zonewright.core.errors import InputError
from zonewright.core.findings import Finding
from zonewright.core.units import UNITS, unit
from zonewright.steering.catalogue import Indicator
from zonewright.steering.curves import curve_of
from zonewright.web import language, words
from zonewright.web.inputs import NumberField
from zonewright.workflows.targets import TargetInput, TargetView

MONTHS = range(1, 13)
YEARS = (1900, 2100)
# What no year's target can be set for.
_NOT_NUMBERS = ("date", "rank")
LONGEST_REASON = 500
Choices = list[tuple[str, str]]


class TargetForm(forms.Form):
    """What a year asks of a zone, a work or a project.

    Parameters
    ----------
    data
        What was sent; None for a form that is opened.
    present
        The target that is changed; None for a new one.
    zones
        Zones in which the reader may plan: code and name.
    indicators
        Every indicator that the workspace knows.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        present: TargetView | None,
        zones: Choices,
        indicators: Mapping[str, Indicator],
        initial: Mapping[str, object],
    ) -> None:
        opened = {**initial, **(_values(present) if present else {})}
        super().__init__(data, initial=opened, use_required_attribute=False)
        self.present = present
        lang = language.current()
        own = present.indicator if present else indicators.get(str(initial.get("indicator", "")))
        names = sorted(
            ((item.label(lang), code) for code, item in indicators.items() if can_have(item)),
        )
        made: dict[str, forms.Field] = {
            "indicator": forms.ChoiceField(
                label=_("Measure"), choices=[("", "—"), *((code, name) for name, code in names)]
            ),
            "zone": forms.ChoiceField(label=_("Zone"), choices=[("", "—"), *zones]),
            "year": forms.IntegerField(
                label=_("Year"), min_value=YEARS[0], max_value=YEARS[1],
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            ),
            "subject": forms.CharField(
                label=_("Work or project"), required=False, max_length=200,
                help_text=_("Its code; empty for the zone's own target."),
            ),
            "value": NumberField(label=_("Target of the year")),
            "unit": forms.ChoiceField(label=_("Unit"), choices=_units(own)),
            "curve": forms.ChoiceField(
                label=_("Curve"),
                choices=[
                    (code, words.choice(code, "targets.curve"))
                    for code in words.order("targets.curve")
                ],
                help_text=curve_help(),
            ),
        }  # fmt: skip
        for name, field in made.items():
            self.fields[name] = field
        for month in MONTHS:
            self.fields[f"points-{month}"] = NumberField(
                label=_("by the end of month %(month)s") % {"month": month}, required=False
            )
        self.fields["reason"] = forms.CharField(
            label=_("Reason of the change"),
            required=present is not None,
            max_length=LONGEST_REASON,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("A decision, a document, a mid-year adjustment: kept with the change."),
        )
        if present is not None:
            for name in ("indicator", "zone", "year", "subject"):
                self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Refuse a stepped curve whose shares cannot be one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("curve") == "stepped":
            shares = {month: cleaned.get(f"points-{month}") for month in MONTHS}
            given = {month: share for month, share in shares.items() if share is not None}
            try:
                curve_of("stepped", points=given)
            except InputError as error:
                self.add_error("curve", error.text(language.current()))
            if not given and not self.errors:
                self.add_error("curve", _("Say at least one month's share of a stepped curve."))
        return cleaned

    def given(self) -> TargetInput:
        """Return what was typed, of a form that is valid."""
        cleaned = self.cleaned_data
        shares = {month: cleaned[f"points-{month}"] for month in MONTHS}
        value: Decimal = cleaned["value"]
        return TargetInput(
            indicator=cleaned["indicator"],
            zone=cleaned["zone"],
            year=cleaned["year"],
            value=value,
            unit=cleaned["unit"],
            subject=cleaned["subject"].strip(),
            curve=cleaned["curve"],
            points={month: float(share) for month, share in shares.items() if share is not None},
        )

    def take_findings(self, findings: Iterable[Finding]) -> None:
        """Put each error beside its field; what concerns none stands at the top."""
        lang = language.current()
        for finding in findings:
            if finding.severity == "error":
                known = finding.field if finding.field in self.fields else None
                self.add_error(known, finding.text(lang))

    def point_fields(self) -> list[forms.BoundField]:
        """Return the inputs of a stepped curve."""
        return [self[f"points-{month}"] for month in MONTHS]


def can_have(indicator: Indicator) -> bool:
    """Return whether a year's target can be set for an indicator."""
    return indicator.unit not in _NOT_NUMBERS and indicator.rule not in (
        "completion", "least_completion", "attribute", "milestone",
    )  # fmt: skip


def curve_help() -> str:
    """Return what the curves mean."""
    return _(
        "Linear: a twelfth each month. Stepped: shares set below. Seasonal: as earlier years went. "
        "Milestones: as the steps of the works fall due."
    )


def _units(own: Indicator | None) -> Choices:
    lang = language.current()
    dimension = unit(own.unit).dimension if own else ""
    codes = [code for code, item in UNITS.items() if not dimension or item.dimension == dimension]
    codes = [code for code in codes if UNITS[code].code == code and code not in _NOT_NUMBERS]
    if own and own.unit in codes:
        codes = [own.unit, *(code for code in codes if code != own.unit)]
    return [(code, unit(code).label(lang) or code) for code in codes]


def _values(view: TargetView) -> dict[str, object]:
    row = view.row
    return {
        "indicator": row.indicator,
        "zone": row.zone,
        "year": row.year,
        "subject": row.subject,
        "value": f"{row.value.normalize():f}",
        "unit": row.unit,
        "curve": row.curve or "linear",
        **{f"points-{month}": f"{share:g}" for month, share in row.points.items()},
    }
