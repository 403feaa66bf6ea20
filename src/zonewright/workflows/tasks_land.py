"""The jobs of the queue that plan land: what to unlock next, and how to level a block."""

from __future__ import annotations

import json
from pathlib import Path

from zonewright.core.errors import InputError
from zonewright.store import selectors
from zonewright.store.actions import Made
from zonewright.workflows import grading, grading_question, unlock_question, unlocking
from zonewright.workflows.books import open_books
from zonewright.workflows.cut_fill_picture import picture, scale_m
from zonewright.workflows.grading import GRID, PADS, PICTURE
from zonewright.workflows.job import Context, Outcome

SHAPES = "parcels.geojson"


def unlock(context: Context) -> Outcome:
    """Find what to buy and level for a budget, and for the budgets around it."""
    question = unlock_question.question_of(context.params)
    context.say(0.02, zh="整理地块与成本", en="Laying out parcels and costs")
    books = open_books()
    texts = ("求解方案", "Searching for plans")
    told = unlocking.plan_unlock(
        question,
        books,
        say=lambda share: context.say(0.05 + 0.9 * share, zh=texts[0], en=texts[1]),
        stop=context.stopped,
    )
    told["inputs"] = books.fingerprint
    shapes = {"type": "FeatureCollection", "features": told.pop("features")}
    content = json.dumps(shapes, ensure_ascii=False, allow_nan=False).encode()
    return Outcome(told, files=(Made(SHAPES, "application/geo+json", content),))


def grade(context: Context) -> Outcome:
    """Find the levels of a block on the given terrain, and draw its cut and fill."""
    if not context.given:
        raise InputError("run-files-gone")
    question = grading_question.question_of(context.params)
    context.say(0.05, zh="读取地形", en="Reading the terrain")
    problem, ground = grading.problem_of(question, _terrain_of(context.given), open_books())
    context.say(0.2, zh="求解标高与土方调配", en="Finding levels and haul")
    result = grading.plan_grading(
        question, problem, say=lambda share: context.progress(0.2 + 0.6 * share, context.text)
    )
    context.say(0.85, zh="独立复核并绘图", en="Checking the plan and drawing it")
    told = grading.told(question, problem, ground, result)
    told["inputs"] = selectors.fingerprint()
    if result.plan is None:
        return Outcome(told)
    rise_m = grading.rise_of(problem, result.plan)
    told["scale_m"] = scale_m(rise_m)
    pads = context.folder / PADS
    grading.write_pads(problem, result.plan, pads)
    made = (
        Made(PICTURE, "image/png", picture(rise_m)),
        Made(GRID, "text/plain", grading.cut_fill_ascii(problem, rise_m).encode()),
        Made(PADS, "application/geopackage+sqlite3", pads.read_bytes()),
    )
    return Outcome(told, files=made)


def _terrain_of(given: list[Path]) -> Path:
    """Return the terrain among the files: a projection file may lie beside it."""
    return next((path for path in given if path.suffix.casefold() != ".prj"), given[0])
