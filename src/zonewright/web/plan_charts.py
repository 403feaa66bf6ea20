"""The charts of plans: what a budget brings, and the ground before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from zonewright.report import charts, theme
from zonewright.report.model import Bars, Text

WIDTH, HEIGHT = 640, 240
Spec = dict[str, object]
Row = Mapping[str, object]


def lines(
    rows: Sequence[Row],
    *,
    names: Sequence[str],
    x_title: str,
    y_title: str,
    mode: theme.Mode,
    zero: bool = True,
    points: bool = False,
    mark: float | None = None,
) -> Spec:
    """Return the specification of a few lines over a common axis.

    Parameters
    ----------
    rows
        ``x``, ``y`` (None breaks the line) and ``series``.
    names
        The series: the first is drawn full, the others with dashes.
    x_title, y_title
        Of the axes.
    mode
        Light or dark.
    zero
        Whether the upright axis begins at 0.
    points
        Whether each point is marked.
    mark
        Where an upright rule stands; None for nowhere.
    """
    tint = theme.colours(mode)
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))
    shades = [tint["blue"], tint["yellow"], tint["muted"]][: len(names)]
    dashes = [[1, 0], [6, 4], [2, 3]][: len(names)]
    legend = alt.Legend(orient="top", symbolStrokeWidth=2.5, symbolSize=300, symbolType="stroke")
    x = (
        alt.X("x:Q", title=x_title)
        .axis(format=",~f", grid=False, tickCount=8)
        .scale(zero=False, nice=False)
    )
    y = alt.Y("y:Q", title=y_title).axis(format=",~f", domain=False).scale(zero=zero)
    drawn = base.mark_line(strokeWidth=2.2, point=points, interpolate="linear").encode(
        x=x,
        y=y,
        color=alt.Color("series:N", sort=list(names))
        .scale(domain=list(names), range=shades)
        .legend(legend),
        strokeDash=alt.StrokeDash("series:N", sort=list(names))
        .scale(domain=list(names), range=dashes)
        .legend(legend),
    )
    layers = [drawn]
    if mark is not None:
        rule = alt.Chart(alt.InlineData(values=[{"x": mark}]))
        layers.append(rule.mark_rule(color=tint["ink"], strokeDash=[2, 2]).encode(x="x:Q"))
    made: Spec = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT).to_dict()
    return {**made, "config": config(mode), "background": None}


def config(mode: theme.Mode) -> object:
    """Return the report's colours and type, as its own charts have them."""
    return charts.spec(Bars(Text.same(""), "ha", ()), "en", mode=mode)["config"]
