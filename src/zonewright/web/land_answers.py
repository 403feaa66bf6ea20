"""The land as the desk shows it: what is computed, kept, and told to be from before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from zonewright.land.changes import Changes
from zonewright.web.land_asked import Asked
from zonewright.workflows.books import Books
from zonewright.workflows.land import Land, Question, changes_of, land_of
from zonewright.workflows.land_block import BlockDetail, block_of
from zonewright.workflows.land_blockers import Blockers, blockers_of
from zonewright.workflows.land_standing import Answer, Answers
from zonewright.workflows.standing import Standing, standing

Value = TypeVar("Value")
_answers: Answers[Any] = Answers()


@dataclass(frozen=True, slots=True)
class Moment:
    """When what a page shows was computed, and whether the workspace is still as it was then."""

    at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a page of land shows.

    Parameters
    ----------
    land, blockers, changes
        The blocks, what would make more land count, and what became of the blocks of a day before.
    moment
        When this was so.
    """

    land: Land
    blockers: Blockers
    changes: Changes
    moment: Moment


@dataclass(frozen=True, slots=True, eq=False)
class FoundBlock:
    """What the page of a block shows; `detail` is None where there is no such block."""

    detail: BlockDetail | None
    blockers: Blockers
    moment: Moment


def found_of(asked: Asked) -> Found | None:
    """Return the land that a reader asks for; None while it is being computed."""
    question, since = asked.question, asked.since
    now = standing()
    land = _get(("land", question), now.books, lambda: land_of(now.books, question))
    if land is None:
        return None
    blockers = _blockers(now.books, question)
    if blockers is None:
        return None
    changes = _get(
        ("changes", question, since), now.books, lambda: changes_of(now.books, question, since)
    )
    if changes is None:
        return None
    moment = _moment([land, blockers, changes], now)
    return Found(land.value, blockers.value, changes.value, moment)


def found_block(asked: Asked, block: str) -> FoundBlock | None:
    """Return a block of the land that a reader asks for; None while it is being computed."""
    question = asked.question
    now = standing()
    detail = _get(
        ("block", question, block), now.books, lambda: block_of(now.books, question, block)
    )
    if detail is None:
        return None
    blockers = _blockers(now.books, question)
    if blockers is None:
        return None
    return FoundBlock(detail.value, blockers.value, _moment([detail, blockers], now))


def books_now() -> Books:
    """Return the books that pages of the desk read."""
    return standing().books


def _get(key: tuple[object, ...], books: Books, make: Callable[[], Value]) -> Answer[Value] | None:
    return cast("Answer[Value] | None", _answers.get(key, books, make))


def _blockers(books: Books, question: Question) -> Answer[Blockers] | None:
    return _get(("blockers", question), books, lambda: blockers_of(books, question))


def _moment(parts: list[Answer[Any]], now: Standing) -> Moment:
    return Moment(
        min([now.at, *(part.at for part in parts if not part.is_current)]),
        now.is_current and all(part.is_current for part in parts),
    )
