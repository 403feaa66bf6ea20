"""Which table the columns of a sheet or layer belong to, and which field each column holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from zonewright.core import units
from zonewright.core.periods import Period
from zonewright.core.schema import Field, table
from zonewright.intake.aliases import column_names, table_words, title_defaults, truncated_names
from zonewright.intake.captions import Caption, Variant
from zonewright.intake.context import Context
from zonewright.intake.roles import Role
from zonewright.intake.values import DIMENSIONS
from zonewright.intake.wide import AMOUNTS, is_wide, said_by_title, settle

# A companion's rows stand in the columns beside its main table; the field links it to the code.
COMPANIONS = {
    "parcels": ("parcel_events", "parcel"),
    "works": ("work_months", "work"),
    "ventures": ("milestones", "venture"),
    "firms": ("firm_months", "firm"),
}
_TABLES = (
    "parcels", "works", "ventures", "firms", "zones", "memberships", "plans", "observations",
    "targets", "quota_entries", "fund_entries", "no_go", "outline", "indicators",
    "parcel_events", "work_months", "milestones", "firm_months",
)  # fmt: skip
_FROM_CONTEXT = {"month", "period", "year"}
_YEAR_TO_DATE = "firm_months"


@dataclass(frozen=True, slots=True)
class Layout:
    """A reading of a whole sheet: its tables, a role for each column used, what is left.

    `missing` names required fields of the main table that no column holds; `rivals` are columns
    that name a field already taken.
    """

    main: str
    companion: str
    roles: tuple[Role, ...]
    defaults: dict[str, object] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    rivals: tuple[Role, ...] = ()
    score: float = 0.0

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that the sheet holds."""
        return tuple(name for name in (self.main, self.companion) if name)

    @property
    def has_key(self) -> bool:
        """Whether every part of the main table's key is there."""
        return not set(self.missing) & set(table(self.main).key)


def layouts_of(
    captions: Sequence[Caption],
    context: Context,
    *,
    geometry: bool | None = None,
    truncated: bool = False,
    only: Sequence[str] = _TABLES,
) -> list[Layout]:
    """Return every reading of the columns, best first.

    Parameters
    ----------
    captions
        Caption of each column.
    context
        What stands around the table.
    geometry
        Whether the features have a geometry; None for a sheet.
    truncated
        Whether names may have been cut to 10 bytes.
    only
        Tables to try.
    """
    variants = [caption.variants() for caption in captions]
    found = [
        layout
        for name in only
        if (layout := _layout(name, variants, context, geometry, truncated)) is not None
    ]
    return sorted(found, key=lambda layout: -layout.score)


def _layout(
    name: str,
    variants: Sequence[tuple[Variant, ...]],
    context: Context,
    geometry: bool | None,
    truncated: bool,
) -> Layout | None:
    main = table(name)
    if geometry and main.geometry is None:
        return None
    companion = COMPANIONS.get(name, ("", ""))[0] if not geometry else ""
    candidates = []
    for column, options in enumerate(variants):
        role = _role(column, options, name, context, truncated)
        if role is None and companion:
            role = _role(column, options, companion, context, truncated)
            if role and role.field == COMPANIONS[name][1]:
                role = None
        if role:
            candidates.append(role)
    roles, rivals = _best_by_slot(candidates)
    roles = settle(name, roles)
    if companion and not _complete_companion(companion, roles, context):
        roles = [role for role in roles if role.table != companion]
        companion = ""
    defaults = _defaults(name, roles, context)
    wide = is_wide(name, roles)
    if wide:
        defaults |= said_by_title(roles, context)
    held = {role.field for role in roles if role.table == name} | set(defaults)
    if geometry and main.geometry:
        held.add(main.geometry.name)
    if any(role.tag for role in roles if role.table == name and name in _TAGGED_MAIN):
        held |= set(_TAGGED_MAIN[name])
    if wide:
        held |= {"code", "entry", AMOUNTS[name][0]}
    required = [entry for entry in main.fields if entry.required]
    missing = tuple(entry.name for entry in required if entry.name not in held)
    if not roles:
        return None
    share = 1 - len(missing) / len(required)
    used = len({role.column for role in roles}) / max(1, sum(bool(item) for item in variants))
    quality = sum(1 / (1 + role.rank) for role in roles) / len(roles)
    title = 0.35 * any(word in context.title for word in table_words().get(name, ()))
    whole = 0.5 if not missing else 0.0
    score = 1.5 * share + whole + used + 0.2 * quality + title
    return Layout(name, companion, tuple(roles), defaults, missing, tuple(rivals), score)


_TAGGED_MAIN = {"parcel_events": ("stage", "on"), "milestones": ("step",)}


def _role(
    column: int, options: tuple[Variant, ...], name: str, context: Context, truncated: bool
) -> Role | None:
    names = column_names(name)
    cut = truncated_names(name) if truncated else {}
    best: Role | None = None
    for variant in options:
        found = names.get(variant.key) or cut.get(variant.key)
        if found is None:
            continue
        target, rank = found
        base, _, tag = target.partition("@")
        base, basis = _measure(name, base, variant, context)
        schema_field = table(name)[base] if base else None
        if schema_field is None or not _fits(schema_field, variant.unit):
            continue
        period = variant.period if basis else None
        role = Role(column, name, base, tag, variant.unit, basis, period, rank + variant.rank)
        if best is None or role.rank < best.rank:
            best = role
    return best


def _measure(name: str, base: str, variant: Variant, context: Context) -> tuple[str, str]:
    """Decide whether a measure is of a month or of the year to date; an empty field is no match."""
    if name == "work_months" and base in ("invested?", "invested", "invested_ytd"):
        if not base.endswith("?"):
            basis = "ytd" if base == "invested_ytd" else "month"
            return (base, basis) if variant.basis in ("", basis) else ("", "")
        basis = variant.basis or ("ytd" if _spans_months(context.period) else "month")
        return ("invested_ytd" if basis == "ytd" else "invested", basis)
    if name == _YEAR_TO_DATE and table(name)[base].kind in DIMENSIONS:
        return base, variant.basis or "ytd"
    if variant.basis and base not in ("points",):
        return "", ""
    return base.rstrip("?"), ""


def _spans_months(period: Period | None) -> bool:
    return period is not None and period.is_year_to_date and (period.months or 0) > 1


def _fits(schema_field: Field, unit: str) -> bool:
    """Return whether a caption's unit can belong to a field at all."""
    if not unit or schema_field.kind not in DIMENSIONS:
        return True
    return units.unit(unit).dimension != "share"


def _best_by_slot(candidates: Sequence[Role]) -> tuple[list[Role], list[Role]]:
    best: dict[tuple[str, str, str, str, Period | None], Role] = {}
    for role in candidates:
        held = best.get(role.slot)
        if held is None or role.rank < held.rank:
            best[role.slot] = role
    kept = sorted(best.values(), key=lambda role: role.column)
    rivals = [role for role in candidates if role not in kept]
    return kept, rivals


def _complete_companion(name: str, roles: Sequence[Role], context: Context) -> bool:
    own = [role for role in roles if role.table == name]
    if name in ("parcel_events", "milestones"):
        return any(role.tag for role in own)
    measures = [role for role in own if table(name)[role.field].kind in (*DIMENSIONS, "percent")]
    dated = any(role.field in _FROM_CONTEXT for role in own) or context.period is not None
    return bool(measures) and (dated or all(role.period for role in measures))


def _defaults(name: str, roles: Sequence[Role], context: Context) -> dict[str, object]:
    """Return what the title says of every row, for fields that no column holds."""
    held = {role.field for role in roles if role.table == name}
    found: dict[str, object] = {}
    for owner, field_name, value, word in title_defaults():
        if owner == name and field_name not in held and word in context.title:
            found.setdefault(field_name, value)
    fields = {entry.name: entry for entry in table(name).fields if entry.name not in held}
    for entry in fields.values():
        if entry.kind == "month" and context.period and entry.key:
            found[entry.name] = Period(context.period.last, context.period.last)
        elif entry.kind == "period" and context.period and entry.key:
            found[entry.name] = of_year_to_date(name, context.period)
        elif entry.kind == "year" and context.year and entry.key:
            found[entry.name] = context.year
    return found


def of_year_to_date(name: str, period: Period) -> Period:
    """Return the period of a return whose figures count from January, as firms' returns do."""
    if name != _YEAR_TO_DATE or period.first is None:
        return period
    return Period.year_to_date(period.year, period.last_month)


def without_companion(layout: Layout) -> Layout:
    """Return the reading without its companion table."""
    kept = tuple(role for role in layout.roles if role.table == layout.main)
    return replace(layout, companion="", roles=kept)
