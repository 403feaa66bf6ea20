"""How a record is named to a reader: what it is and when, without the codes of its tables."""

from __future__ import annotations

from zonewright.core.errors import ZonewrightError
from zonewright.core.periods import Period
from zonewright.core.records import RecordCard
from zonewright.web import language, words

GAP = " · "
LAND = ("town", "use", "reported_area")


def title(card: RecordCard) -> str:
    """Return what a reader would call a record, beside its code.

    A stage, a step or a period is named in the reader's language; a parcel by town, use and
    reported area.
    """
    values = card.values
    if "stage" in values and "on" in values:
        name = words.choice(values["stage"], "parcel_events.stage")
        return GAP.join((f"{values['stage']} {name}", values["on"]))
    head, gap, tail = card.title.rpartition(GAP)
    if "step" in values and gap:
        step = words.choice(values["step"], "milestones.step")
        return GAP.join(filter(None, (head, step, values.get("actual_on", ""))))
    if "period" in values and tail == values["period"]:
        return GAP.join((head, _period(tail)))
    if card.title == card.code:
        return GAP.join(values[name] for name in LAND if values.get(name)) or card.title
    return card.title


def _period(text: str) -> str:
    try:
        return Period.parse(text).label(language.current())
    except ZonewrightError:
        return text
