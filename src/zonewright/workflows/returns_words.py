"""What states and steps of a return are called, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, Mapping[str, str]] = {
    "missing": {"en": "not begun", "zh": "未填报"},
    "draft": {"en": "draft", "zh": "草稿"},
    "submitted": {"en": "submitted", "zh": "已提交，待审核"},
    "checked": {"en": "checked", "zh": "已审核，待审批"},
    "locked": {"en": "locked", "zh": "已锁定"},
    "sent_back": {"en": "sent back", "zh": "已退回"},
    "reopened": {"en": "reopened", "zh": "已解锁"},
}
STEPS: Mapping[str, Mapping[str, str]] = {
    "fill": {"en": "fill in", "zh": "填报"},
    "correct": {"en": "correct", "zh": "更正"},
    "check": {"en": "check", "zh": "审核"},
    "approve": {"en": "approve", "zh": "审批"},
}
