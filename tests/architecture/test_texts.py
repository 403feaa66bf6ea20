"""Every error and finding speaks both languages, and no text is left over."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import TypeGuard

import pytest

import zonewright
from zonewright.core.texts import LANGUAGES, all_texts

SOURCE = Path(zonewright.__file__).parent
TEXTS = sorted((SOURCE / "core" / "texts").glob("*.toml"))
# Words of pages and reports stand beside the messages, and are looked up by computed keys.
MESSAGES = [path for path in TEXTS if path.stem not in ("examples", "meeting", "report", "web")]
CODE = re.compile(r"^[a-z]+(-[a-z0-9]+)+$")
MAKERS = re.compile(r"^(Finding|finding_of|\w+Error)$")


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the package by its path, parsed."""
    return {
        str(path.relative_to(SOURCE)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
    }


def name_of(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def pattern_of(node: ast.JoinedStr) -> re.Pattern[str]:
    parts = (
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9-]+"
        for part in node.values
    )
    return re.compile("".join(parts))


def given_codes() -> Iterator[tuple[str, ast.expr]]:
    """Yield what findings and errors are made with, by module: the first argument, or ``code=``."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and MAKERS.match(name_of(node)):
                named = [word.value for word in node.keywords if word.arg == "code"]
                for argument in [*node.args[:1], *named]:
                    yield path, argument


def branches(node: ast.expr) -> Iterator[ast.expr]:
    """Yield an expression, or both sides of a choice; a sum of texts is one text."""
    if isinstance(node, ast.IfExp):
        yield from branches(node.body)
        yield from branches(node.orelse)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for left, right in product(branches(node.left), branches(node.right)):
            if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
                joined = f"{left.value}{right.value}"
                yield ast.copy_location(ast.Constant(joined), node)
    else:
        yield node


def test_every_code_that_is_raised_or_found_has_its_text() -> None:
    missing = []
    for path, argument in given_codes():
        for node in branches(argument):
            if isinstance(node, ast.Constant) and CODE.match(str(node.value)):
                known = node.value in all_texts()
            elif isinstance(node, ast.JoinedStr):
                known = any(pattern_of(node).fullmatch(code) for code in all_texts())
            else:
                continue
            if not known:
                missing.append(f"{path}:{node.lineno} {ast.unparse(node)}")
    assert not missing


def test_the_search_finds_codes() -> None:
    """Guards the tests above against a search that finds nothing."""
    found = {
        node.value for _, node in given_codes() if isinstance(node, ast.Constant)
    }  # fmt: skip
    assert {"period-unreadable", "rollup-no-records", "blocks-crs"} <= found


def is_constant(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant)


def starts_like_a_code(node: ast.JoinedStr) -> bool:
    head = node.values[0]
    return isinstance(head, ast.Constant) and bool(re.fullmatch("[a-z]+-[a-z-]*", str(head.value)))


@cache
def written() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Return every string of the package that could be a code, and the patterns of f-strings."""
    plain: set[str] = set()
    patterns = []
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                plain.add(node.value)
            elif isinstance(node, ast.BinOp):
                plain.update(str(text.value) for text in branches(node) if is_constant(text))
            elif isinstance(node, ast.JoinedStr) and starts_like_a_code(node):
                patterns.append(pattern_of(node))
    return frozenset(plain), tuple(patterns)


def listed(path: Path) -> list[str]:
    return list(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MESSAGES, ids=[path.stem for path in MESSAGES])
def test_no_message_is_left_over(path: Path) -> None:
    plain, patterns = written()
    unused = [
        code
        for code in listed(path)
        if code not in plain and not any(pattern.fullmatch(code) for pattern in patterns)
    ]
    assert not unused


def placeholders(template: str) -> set[str]:
    """Return the parameters that a text names; of a pair in two languages, the common name."""
    names = (name for _, name, _, _ in string.Formatter().parse(template) if name is not None)
    return {name.removesuffix("_zh").removesuffix("_en") for name in names}


@pytest.mark.parametrize("path", TEXTS, ids=[path.stem for path in TEXTS])
def test_every_text_stands_in_every_language_with_the_same_parameters(path: Path) -> None:
    for code in listed(path):
        text = all_texts()[code]
        assert set(text) == set(LANGUAGES), code
        assert placeholders(text["en"]) == placeholders(text["zh"]), code


@pytest.mark.parametrize("path", MESSAGES, ids=[path.stem for path in MESSAGES])
def test_messages_are_sentences(path: Path) -> None:
    for code in listed(path):
        text = all_texts()[code]
        assert CODE.match(code), code
        assert re.match(r"[A-Z“{]", text["en"]), code
        assert text["en"].endswith((".", "}")), code
        assert re.search(r"[\u4e00-\u9fff]", text["zh"]), code
        assert text["zh"].endswith(("。", "}")), code


def test_no_code_stands_in_two_areas() -> None:
    times = Counter(code for path in TEXTS for code in listed(path))
    assert [code for code, count in times.items() if count > 1] == []
