"""The parameters of a plan in words: as its form named them and offered them."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext as _

from zonewright.report import numbers
from zonewright.web import language
from zonewright.web.plan_forms import GradingForm, PlanForm, UnlockForm, singly
from zonewright.workflows.jobs import GRADE, UNLOCK

# Where a plan is shown, by question: name of the address.
PAGES: Mapping[str, str] = {UNLOCK: "unlock-plan", GRADE: "grading-plan"}
_FORMS: Mapping[str, type[PlanForm]] = {UNLOCK: UnlockForm, GRADE: GradingForm}


def parameters(question: str, params: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what a plan was asked, as names and values; what was left empty is left out."""
    fields = _FORMS[question].base_fields
    others = {
        "with": _("With this parcel"),
        "steps": _("Budgets of the curve"),
        "files": _("Files"),
    }
    shown = []
    for name, value in singly(params).items():
        if value in (None, ""):
            continue
        field = fields.get(name)
        label = others.get(name, name) if field is None else str(field.label)
        shown.append((label, _said(value, field)))
    return shown


def _said(value: object, field: forms.Field | None) -> str:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(field, forms.ChoiceField):
        names = {str(code): str(name) for code, name in field.widget.choices}
        return names.get(str(value), str(value))
    if isinstance(value, list):
        return ("、" if language.current() == "zh" else ", ").join(map(str, value))
    if isinstance(value, int | float):
        whole = float(value).is_integer()
        return numbers.number(int(value) if whole else value)
    return str(value)
