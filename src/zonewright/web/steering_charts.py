"""The charts of steering: a year against its curve with the forecast's fan, and back-tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import altair as alt
from django.utils.translation import gettext as _

from zonewright.report import charts, theme
from zonewright.steering.forecast_year import Trial
from zonewright.web import language
from zonewright.web.plan_charts import Spec, config
from zonewright.workflows.targets import TargetView
from zonewright.workflows.year_course import Course

WIDTH, HEIGHT = 640, 260
_FAN = 0.2
_DECEMBER = 12
# Points by which two curves must differ to be seen as two [%].
_SEEN = 0.5
Row = Mapping[str, object]


def year(course: Course, *, mode: theme.Mode) -> Spec:
    """Return the chart of a year: what was done, what the curve asks, and where it may end.

    Parameters
    ----------
    course
        The months that are known, the target's curve, and the forecast.
    mode
        Light or dark.
    """
    tint = theme.colours(mode)
    shown = charts.chart_unit(course.unit, language.current())
    done, due, told = _("done"), _("the target's curve"), _("forecast")
    names = month_names()
    rows = [
        *_points(course.done, done, shown.factor),
        *_points(course.due, due, shown.factor),
    ]
    series = {done: (tint["blue"], [1, 0])}
    if course.due:
        series[due] = (tint["muted"], [6, 4])
    layers = []
    if course.ahead.path:
        fan = _fan(course, shown.factor)
        series[told] = (tint["yellow"], [2, 2])
        rows += [{"month": row["month"], "value": row["median"], "series": told} for row in fan]
        area = _on(fan).mark_area(opacity=_FAN, color=tint["yellow"])
        layers.append(area.encode(x=_months(names), y=alt.Y("low:Q"), y2=alt.Y2("high:Q")))
    y = alt.Y("value:Q", title=shown.title or None).axis(tickCount=5, format=",~f", domain=False)
    base = _on(rows).encode(x=_months(names), y=y)
    lines = base.mark_line(strokeWidth=2.4, point={"size": 22, "filled": True}).encode(
        **_series(series)
    )
    layers.append(lines)
    if course.target is not None:
        goal = _on([{"value": course.target * shown.factor, "name": _("target of the year")}])
        layers.append(
            goal.mark_rule(color=tint["ink"], strokeDash=[2, 3], opacity=0.6).encode(
                y=alt.Y("value:Q")
            )
        )
        named = goal.mark_text(align="left", baseline="bottom", dx=6, dy=-3, color=tint["muted"])
        layers.append(named.encode(x=alt.value(0), y=alt.Y("value:Q"), text="name:N"))
    return _made(alt.layer(*layers), mode)


def target_curve(view: TargetView, *, mode: theme.Mode) -> Spec:
    """Return the chart of what a target's curve asks, beside an even year."""
    tint = theme.colours(mode)
    even, due = _("a twelfth each month"), _("the target's curve")
    twelfths = [100 * month / 12 for month in range(1, 13)]
    pairs = zip(view.shares, twelfths, strict=False)
    is_even = bool(view.shares) and all(abs(one - other) < _SEEN for one, other in pairs)
    rows = [*_points(view.shares, due, 1.0), *_points([] if is_even else twelfths, even, 1.0)]
    y = alt.Y("value:Q", title=_("% of the target")).axis(tickCount=5, domain=False)
    series = {due: (tint["blue"], [1, 0])} | ({} if is_even else {even: (tint["muted"], [6, 4])})
    lines = _on(rows).encode(x=_months(month_names()), y=y).mark_line(strokeWidth=2.4)
    return _made(alt.layer(lines.encode(**_series(series))), mode)


def trials(shown: Sequence[Trial], unit: str, level: float, *, mode: theme.Mode) -> Spec:
    """Return the chart of past forecasts with their intervals, beside what came.

    Parameters
    ----------
    shown
        Of one method, oldest first.
    unit
        Of the amounts [unit code].
    level
        Of the intervals drawn.
    mode
        Light or dark.
    """
    tint = theme.colours(mode)
    scale = charts.chart_unit(unit, language.current())
    told, came = _("told"), _("came")
    rows, bands, order = [], [], []
    for trial in shown:
        name = f"{trial.year}-{trial.month:02d}"
        if trial.upto != _DECEMBER:  # within a year each month tells several others
            name += f"→{trial.upto:02d}"
        order.append(name)
        rows.append({"at": name, "value": trial.forecast * scale.factor, "series": told})
        rows.append({"at": name, "value": trial.actual * scale.factor, "series": came})
        band = trial.bands.get(level)
        if band is not None:
            bands.append(
                {"at": name, "low": band[0] * scale.factor, "high": band[1] * scale.factor}
            )
    x = alt.X("at:N", sort=order, title=None).axis(labelAngle=-45, labelOverlap=True, grid=False)
    y = alt.Y("value:Q", title=scale.title or None).axis(tickCount=5, format=",~f", domain=False)
    layers = []
    if bands:
        bars = _on(bands).mark_rule(strokeWidth=5, opacity=0.35, color=tint["yellow"])
        layers.append(bars.encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")))
    series = {told: (tint["yellow"], [1, 0]), came: (tint["blue"], [1, 0])}
    marks = _on(rows).mark_point(filled=True, size=46, opacity=1)
    shapes = alt.Shape("series:N", sort=list(series)).scale(
        domain=list(series), range=["diamond", "circle"]
    )
    colour = alt.Color("series:N", sort=list(series)).scale(
        domain=list(series), range=[tint for tint, _dash in series.values()]
    )
    legend = alt.Legend(orient="top")
    layers.append(marks.encode(x=x, y=y, color=colour.legend(legend), shape=shapes.legend(legend)))
    return _made(alt.layer(*layers), mode)


def month_names() -> list[str]:
    """Return the months as an axis names them."""
    lang = language.current()
    return [charts.month_label(date(2000, month, 1), lang) for month in range(1, 13)]


def _points(values: Sequence[float | None], series: str, factor: float) -> list[Row]:
    names = month_names()
    return [
        {"month": names[place], "value": value * factor, "series": series}
        for place, value in enumerate(values)
        if value is not None
    ]


def _fan(course: Course, factor: float) -> list[dict[str, object]]:
    """Return the forecast from the last known month on, where it has no width yet."""
    names = month_names()
    rows: list[dict[str, object]] = []
    last = course.done[-1] if course.done else None
    if last is not None:
        known = last * factor
        rows.append(
            {"month": names[course.month - 1], "low": known, "median": known, "high": known}
        )
    rows += [
        {
            "month": names[point.month - 1],
            "low": point.low * factor,
            "median": point.median * factor,
            "high": point.high * factor,
        }
        for point in course.ahead.path
    ]
    return rows


def _months(names: Sequence[str]) -> alt.X:
    return alt.X("month:N", sort=list(names), title=None, scale=alt.Scale(domain=names)).axis(
        labelAngle=0, labelOverlap=True, grid=False
    )


def _series(series: Mapping[str, tuple[str, list[int]]]) -> dict[str, object]:
    """Return colour and dash of lines, which the legend shows together."""
    names = list(series)
    legend = alt.Legend(orient="top", symbolStrokeWidth=2.5, symbolSize=300, symbolType="stroke")
    shades = [colour for colour, _dash in series.values()]
    dashes = [dash for _colour, dash in series.values()]
    return {
        "color": alt.Color("series:N", sort=names).scale(domain=names, range=shades).legend(legend),
        "strokeDash": alt.StrokeDash("series:N", sort=names)
        .scale(domain=names, range=dashes)
        .legend(legend),
    }


def _on(rows: Sequence[Row]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _made(drawn: charts.Layers, mode: theme.Mode) -> Spec:
    made: Spec = drawn.properties(width=WIDTH, height=HEIGHT).to_dict()
    return {**made, "config": config(mode), "background": None}
