"""No page has a fault that axe-core calls serious or critical, in either theme and language.

The same visits show that no page reports an error or breaks the content security policy: every
reader of these tests notes both (`conftest`).
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import Desk, Open, Reader
from tests.e2e.pages import visits

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TAGS = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa")
GRAVE = ("serious", "critical")
ALL_RULES = {"runOnly": {"type": "tag", "values": list(TAGS)}, "resultTypes": ["violations"]}
# What a theme alone can change.
OF_COLOUR = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}


def faults(reader: Reader, options: dict[str, Any]) -> list[str]:
    """Return the grave faults of the page that is shown, one line a rule."""
    found = Axe().run(reader.page, options=options).response["violations"]
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for fault in found
        if fault["impact"] in GRAVE
        for node in fault["nodes"][:3]
    ]


@pytest.mark.parametrize("lang", ["zh-CN", "en-US"])
def test_no_page_shuts_anybody_out(open_desk: Open, desk: Desk, lang: str) -> None:
    reader = open_desk(lang=lang)
    found: dict[str, list[str]] = {}
    for name, show in visits(desk):
        show(reader)
        reader.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found[f"{name}, light"] = faults(reader, ALL_RULES)
        reader.page.emulate_media(color_scheme="dark")
        found[f"{name}, dark"] = faults(reader, OF_COLOUR)
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh-CN", "en-US"])
def test_signing_in_shuts_nobody_out(open_desk: Open, theme: str, lang: str) -> None:
    reader = open_desk(lang=lang, theme=theme, sign_in=False)
    assert faults(reader, ALL_RULES) == []
    reader.sign_in("nobody", "wrong-password")
    assert faults(reader, ALL_RULES) == []


def test_axe_would_find_a_fault(open_desk: Open) -> None:
    reader = open_desk(sign_in=False)
    reader.page.evaluate("document.querySelector('label[for=id_username]').remove()")
    assert any(fault.startswith("label:") for fault in faults(reader, ALL_RULES))
