"""The land as the desk shows it: what is computed, kept, and told to be from before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from zonewright.land.changes import Changes
from zonewright.web.land_asked import Asked
from zonewright.workflows.books import Books
from zonewright.workflows.land import Land, Question, changes_of, land_of
from zonewright.workflows.land_block import BlockDetail, block_of
from zonewright.workflows.land_blockers import Blockers, blockers_of
from zonewright.workflows.land_both import Both, both_of
from zonewright.workflows.land_ground import ground_of
from zonewright.workflows.land_rules import SUPPLY
from zonewright.workflows.land_standing import BESIDE_FROM, Answer, Answers
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
    land, both, blockers, changes
        The blocks, how many there are by either rule, what would make more land count, and what
        became of the blocks of a day before.
    moment
        When this was so.
    """

    land: Land
    both: Both
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
    both = _both(now.books, question)
    blockers = _blockers(now.books, question)
    if blockers is None or both is None:
        return None
    changes = _get(
        ("changes", question, since), now.books, lambda: changes_of(now.books, question, since)
    )
    if changes is None:
        return None
    moment = _moment([land, both, blockers, changes], now)
    return Found(land.value, both.value, blockers.value, changes.value, moment)


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


def both_in(books: Books, question: Question) -> Both | None:
    """Return some land by both rules; None while it is being computed."""
    found = _both(books, question)
    return None if found is None else found.value


def books_now() -> Books:
    """Return the books that pages of the desk read."""
    return standing().books


def warm() -> None:
    """Work out the ground beside the first requests, where pages do not wait for a thread."""
    books = books_now()
    if len(books.tables["parcels"]) < BESIDE_FROM:
        ground_of(books)


def _get(key: tuple[object, ...], books: Books, make: Callable[[], Value]) -> Answer[Value] | None:
    return cast("Answer[Value] | None", _answers.get(key, books, make))


def _blockers(books: Books, question: Question) -> Answer[Blockers] | None:
    return _get(("blockers", question), books, lambda: blockers_of(books, question))


def _both(books: Books, question: Question) -> Answer[Both] | None:
    # The question's own rule does not matter: both pages get the same answer.
    key = replace(question, rule=SUPPLY)
    return _get(("both", key), books, lambda: both_of(books, key))


def _moment(parts: list[Answer[Any]], now: Standing) -> Moment:
    return Moment(
        min([now.at, *(part.at for part in parts if not part.is_current)]),
        now.is_current and all(part.is_current for part in parts),
    )
