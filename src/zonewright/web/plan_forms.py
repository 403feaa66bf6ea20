"""What is typed to ask for a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from zonewright.report import numbers
from zonewright.web.inputs import DayField, NumberField, plain
from zonewright.workflows import grading_question, unlock_question
from zonewright.workflows.lead_times import MONTHS, MOST_MONTHS
from zonewright.workflows.rates import default_rates

Choices = Sequence[tuple[str, str]]


class PlanForm(forms.Form):
    """A form whose answers become the plain parameters of a run."""

    def params(self) -> dict[str, object]:
        """Return what was typed as plain values; what was left empty is left out."""
        return {
            name: _plain(value)
            for name, value in self.cleaned_data.items()
            if value not in (None, "")
        }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _number(
    label: Any, *, least: float, most: float, hint: Any = "", needed: bool = True
) -> NumberField:
    limits = [MinValueValidator(Decimal(str(least))), MaxValueValidator(Decimal(str(most)))]
    return NumberField(label=label, help_text=hint, required=needed, validators=limits)


class UnlockForm(PlanForm):
    """Zone, day, means and aim of an unlock plan."""

    zone = forms.ChoiceField(label=_("Zone"))
    on = DayField(label=_("Day"))
    budget_wan = _number(_("Budget (10,000 yuan)"), least=0.01, most=1e9)
    target = forms.ChoiceField(
        label=_("Aim"),
        choices=(
            ("area", _("Most land in blocks of that size")),
            ("blocks", _("Most blocks of that size")),
            ("largest", _("Largest single block")),
        ),
    )
    threshold_mu = _number(_("Size from which a block counts (mu)"), least=0.1, most=1e7)
    quota = forms.ChoiceField(
        label=_("Land quota"),
        choices=(
            ("none", _("No limit")),
            ("ledger", _("What the quota ledger has left")),
            ("given", _("As given here")),
        ),
    )
    quota_mu = _number(
        _("Quota (mu)"),
        least=0,
        most=1e8,
        needed=False,
        hint=_("Only with “as given here”. Land before its approval (below L2) takes quota."),
    )
    acquire_cny_mu = _number(
        _("Approval and expropriation (yuan a mu)"), least=0, most=1e9, needed=False
    )
    compensate_cny_mu = _number(_("Compensation (yuan a mu)"), least=0, most=1e9, needed=False)
    level_cny_mu = _number(_("Levelling (yuan a mu)"), least=0, most=1e9, needed=False)
    connect_cny_mu = _number(_("Road (yuan a mu)"), least=0, most=1e9, needed=False)
    by = DayField(
        label=_("Wanted by"),
        required=False,
        help_text=_("Land that cannot be ready by then is left out. Empty: any time."),
    )
    acquire_months = _number(
        _("Approval and expropriation (months)"), least=0, most=MOST_MONTHS, needed=False
    )
    compensate_months = _number(_("Compensation (months)"), least=0, most=MOST_MONTHS, needed=False)
    level_months = _number(_("Levelling (months)"), least=0, most=MOST_MONTHS, needed=False)
    connect_months = _number(_("Road (months)"), least=0, most=MOST_MONTHS, needed=False)
    time_limit_s = _number(_("Time for the search (seconds)"), least=1, most=unlock_question.MOST_S)

    def __init__(self, data: Mapping[str, Any] | None, *, zones: Choices, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["zone"].choices = [("", "—"), *zones]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the quota where it is to be given."""
        found = super().clean() or {}
        if found.get("quota") == "given" and found.get("quota_mu") is None:
            self.add_error("quota_mu", forms.ValidationError(_("Write how much quota there is.")))
        if found.get("quota") != "given":
            found.pop("quota_mu", None)
        return found


@dataclass(frozen=True, slots=True)
class Layout:
    """Fields under a heading; those that few change may be folded.

    Parameters
    ----------
    title
        Heading.
    names
        Of the fields.
    folded
        Whether they are shown only when asked for, or when one is not as at first.
    """

    title: Any
    names: tuple[str, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A field on a page, and the choice without which it means nothing (``name=value``)."""

    field: forms.BoundField
    only_with: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A group of fields on a page."""

    title: Any
    entries: tuple[Entry, ...]
    folded: bool
    is_open: bool
    told: str


UNLOCK_GROUPS = (
    Layout(_("Where and what for"), ("zone", "on", "target", "threshold_mu", "by")),
    Layout(_("Means"), ("budget_wan", "quota", "quota_mu", "time_limit_s")),
    Layout(_("Costs: assumptions, change them"), unlock_question.RATES, folded=True),
    Layout(_("Lead times: assumptions, change them"), MONTHS, folded=True),
)


def unlock_usual() -> Mapping[str, float]:
    """Return the costs and lead times that hold unless they are changed."""
    return {**default_rates()["unlock"], **default_rates()["unlock_months"]}


def unlock_start(today: date, zone: str) -> dict[str, object]:
    """Return what the form of an unlock plan holds at first."""
    return {
        "zone": zone,
        "on": today,
        "budget_wan": 10_000,
        "target": "area",
        "threshold_mu": int(unlock_question.THRESHOLD_MU),
        "quota": "ledger",
        "time_limit_s": int(unlock_question.TIME_LIMIT_S),
        **_whole(unlock_usual()),
    }


class GradingForm(PlanForm):
    """Place, platforms, soil and prices of a grading plan; the terrain is a file beside it."""

    zone = forms.CharField(label=_("Zone"), widget=forms.HiddenInput)
    on = DayField(label=_("Day"))
    block = forms.ChoiceField(label=_("Block of ready land"), required=False)
    parcels = forms.CharField(
        label=_("Or parcels"),
        required=False,
        max_length=2000,
        help_text=_("Codes, separated by commas. Without block and parcels: the whole zone."),
    )
    crs = forms.CharField(
        label=_("Frame of the file"),
        required=False,
        max_length=60,
        help_text=_("Only if the file names none: EPSG:4547."),
    )
    height_unit = forms.ChoiceField(
        label=_("Unit of the heights"),
        required=False,
        choices=(("", _("as the file says, else metres")), ("m", "m"), ("ft", "ft"), ("cm", "cm")),
    )
    pattern = forms.ChoiceField(
        label=_("Platforms"),
        choices=(
            ("one", _("One")),
            ("terraces", _("Terraces down the fall of the ground")),
            ("grid", _("A grid of rectangles")),
        ),
    )
    terraces = _number(_("Number of terraces"), least=1, most=30)
    min_width_m = _number(_("Least width of a terrace (m)"), least=1, most=1e4)
    width_m = _number(_("Width of a rectangle (m)"), least=5, most=1e4)
    depth_m = _number(_("Depth of a rectangle (m)"), least=5, most=1e4)
    turned_deg = _number(_("Turn of the grid from east (°)"), least=-180, most=180)
    max_slope_pct = _number(_("Steepest slope of a platform (%)"), least=0, most=20)
    min_level_m = _number(
        _("Lowest level, drainage or flood (m)"), least=-500, most=9000, needed=False
    )
    max_step_m = _number(_("Largest step between platforms (m)"), least=0, most=200, needed=False)
    balance = forms.TypedChoiceField(
        label=_("Soil"),
        coerce=lambda text: text == "yes",
        choices=(
            ("yes", _("Balanced on the block: nothing comes or goes")),
            ("no", _("Least cost, with the sites below")),
        ),
    )
    cut_cny_m3 = _number(_("Cutting (yuan a m³)"), least=0, most=1e7, needed=False)
    fill_cny_m3 = _number(_("Filling (yuan a m³)"), least=0, most=1e7, needed=False)
    haul_cny_m3_km = _number(_("Hauling (yuan a m³ and km)"), least=0, most=1e7, needed=False)
    wall_cny_m2 = _number(_("Retaining a step (yuan a m²)"), least=0, most=1e7, needed=False)
    swell = _number(_("Swell: loose by in place"), least=0.1, most=10, needed=False)
    shrink = _number(_("Shrink: compacted by in place"), least=0.1, most=10, needed=False)
    detour = _number(_("Detour: way by distance"), least=1, most=10, needed=False)
    sites = forms.CharField(
        label=_("Borrow pits and dumps"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One a line: name, borrow or dump, longitude, latitude, yuan a m³, room in m³."
        ),
    )
    time_limit_s = _number(
        _("Time for the search (seconds)"), least=1, most=grading_question.MOST_S
    )

    def __init__(self, data: Mapping[str, Any] | None, *, blocks: Choices, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["block"].choices = [("", "—"), *blocks]  # type: ignore[attr-defined]


GRADING_GROUPS = (
    Layout(_("Where"), ("on", "block", "parcels", "crs", "height_unit")),
    Layout(
        _("Platforms"),
        ("pattern", "terraces", "min_width_m", "width_m", "depth_m", "turned_deg",
         "max_slope_pct", "min_level_m", "max_step_m"),
    ),
    Layout(_("Soil"), ("balance", "sites", "time_limit_s")),
    Layout(
        _("Prices and soil factors: assumptions, change them"),
        grading_question.RATES,
        folded=True,
    ),
)  # fmt: skip
# Fields that mean something only when another one has a value.
ONLY_WITH: Mapping[str, str] = {
    "quota_mu": "quota=given",
    "terraces": "pattern=terraces",
    "min_width_m": "pattern=terraces",
    "width_m": "pattern=grid",
    "depth_m": "pattern=grid",
    "turned_deg": "pattern=grid",
    "sites": "balance=no",
}


def grading_start(today: date, zone: str, block: str = "") -> dict[str, object]:
    """Return what the form of a grading plan holds at first."""
    return {
        "zone": zone,
        "on": today,
        "block": block,
        "pattern": "one",
        "terraces": 3,
        "min_width_m": 20,
        "width_m": 100,
        "depth_m": 100,
        "turned_deg": 0,
        "max_slope_pct": 0,
        "balance": "yes",
        "time_limit_s": 30,
        **_whole(default_rates()["grading"]),
    }


def groups(form: PlanForm, layouts: Sequence[Layout], usual: Mapping[str, float]) -> list[Shown]:
    """Return the fields of a form under their headings.

    Parameters
    ----------
    form
        As it stands: what was typed, or what it begins with.
    layouts
        Headings with the names of their fields.
    usual
        Values that the folded fields have unless they are changed.
    """
    shown = []
    for layout in layouts:
        fields = tuple(form[name] for name in layout.names)
        values = {field.name: _or_usual(field, usual) for field in fields}
        changed = layout.folded and any(
            field.errors or values[field.name] != _plain_text(usual[field.name]) for field in fields
        )
        told = " · ".join(f"{field.label} {_grouped(values[field.name])}" for field in fields)
        shown.append(
            Shown(
                layout.title,
                tuple(Entry(field, ONLY_WITH.get(field.name, "")) for field in fields),
                layout.folded,
                changed,
                told if layout.folded else "",
            )
        )
    return shown


def _or_usual(field: forms.BoundField, usual: Mapping[str, float]) -> str:
    """Return what stands in a field, without separators; its usual value if it is empty."""
    text = field.value()
    return plain(str(usual.get(field.name, "") if text in (None, "") else text)).removesuffix(".0")


def _grouped(text: str) -> str:
    """Return a number as it is read, with separators; any other text as it is."""
    try:
        return numbers.number(Decimal(text))
    except ArithmeticError:
        return text


def _plain_text(value: float) -> str:
    return str(value).removesuffix(".0")


def singly(params: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters of a plan with its changed rates beside the others, as a form has them.

    Examples
    --------
    >>> singly({"zone": "P1", "rates": {"level_cny_mu": 50_000}})
    {'level_cny_mu': 50000, 'zone': 'P1'}
    """
    changed = params.get("rates")
    others = {name: value for name, value in params.items() if name != "rates"}
    return {**changed, **others} if isinstance(changed, Mapping) else others


def like(params: Mapping[str, object], start: Mapping[str, object]) -> dict[str, object]:
    """Return what a form holds at first so that it asks what an earlier plan was asked."""
    given = {name: value for name, value in singly(params).items() if name != "files"}
    if "balance" in given:
        given["balance"] = "yes" if given["balance"] else "no"
    return {**start, **given}


def _whole(rates: Mapping[str, float]) -> dict[str, object]:
    return {name: int(value) if value == int(value) else value for name, value in rates.items()}
