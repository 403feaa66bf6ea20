"""What the two rules by which land counts are called on the desk.

One word, one meaning: contiguous levelled land (连片净地) is what targets and figures count; blocks
ready to supply (可供成片地块) are what can be offered today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zonewright.workflows.land_rules import LEVELLED, SUPPLY, RuleName


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What a rule is called: as a choice, over its blocks, over one of them, over its land."""

    choice: str
    blocks: str
    block: str
    land: str
    means: str


def rule_words() -> Mapping[RuleName, RuleWords]:
    """Return the words of each rule, in the reader's language; the usual one comes first."""
    return {
        SUPPLY: RuleWords(
            _("ready to supply"),
            _("Blocks ready to supply"),
            _("Block ready to supply"),
            _("Land ready to supply"),
            _("levelled, not supplied, paid for in full, outside no-go areas, with a road"),
        ),
        LEVELLED: RuleWords(
            _("levelled, by the stage alone"),
            _("Contiguous levelled land"),
            _("Levelled block"),
            _("Levelled land"),
            _("levelled and not supplied, by the stage alone: what targets and figures count"),
        ),
    }
