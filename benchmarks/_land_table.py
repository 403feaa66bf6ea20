"""The tables of the land benchmark, and how its goals stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks._land_methods import (
    CLEAN,
    DATABASE_WITHIN,
    DIRTY,
    GAP,
    OURS,
    OURS_EXACT,
    OURS_GAP,
    OWN,
    READ,
    REGROUP,
    TASKS,
    USUAL,
)

HEADING = f"{'s':>9} {'ratio':>7} {'cpu s':>8} {'peak MB':>9} {'import':>7} {'1st run':>8}"
Part = Mapping[str, Any]


def tell(part: Part) -> None:
    """Print what came of one task on one data set."""
    print(
        f"\n{part['data']}: {part['parcels']:,} parcels, {part['ready']:,} ready,"
        f" {part['groups']:,} groups\n{TASKS[part['task']]}\n{HEADING}  answer"
    )
    ours = max(_seconds(part, own) for own in (OURS, OURS_GAP)) or _seconds(part, OURS_EXACT)
    for name, found in part["methods"].items():
        if "failed" in found:
            print(f"{'-':>9} {'':>53}  failed: {found['failed']}  | {name}")
            continue
        ratio = f"{found['seconds'] / ours:.2f}x" if ours else ""
        peak = max(found["peak_mb"], found["server_peak_mb"] or 0.0)
        print(
            f"{found['seconds']:>9.3f} {ratio:>7} {found['cpu_s']:>8.2f} {peak:>9.0f}"
            f" {found['import_s']:>7.2f} {found['warm_up_s']:>8.2f}  {_said(found)}  | {name}"
        )


def _said(found: Mapping[str, Any]) -> str:
    answer = found.get("answer")
    if answer is None:
        return "; ".join(f"{name} {value}" for name, value in found["told"].items())
    figures = f"{answer['kept']:,} blocks, {answer['area_ha']:,.4f} ha, {answer['partition']}"
    if answer["right"]:
        return f"right: {figures}"
    return f"WRONG ({'; '.join(answer['differences'])}): {figures}"


def goals(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Return what is aimed at, and what was reached, for each size; a wrong answer reaches none."""
    found: list[dict[str, Any]] = []
    by_size: dict[int, dict[str, Part]] = {}
    for part in parts:
        if not part["public"]:
            by_size.setdefault(part["parcels"], {})[part["task"]] = part
    for parcels, tasks in by_size.items():
        for goal, reached, wanted, at_most in _reached(tasks):
            met = reached <= wanted if at_most else reached >= wanted
            found.append({"parcels": parcels, "goal": goal, "reached": round(reached, 3),
                          "wanted": wanted, "at_most": at_most, "met": met})  # fmt: skip
    return found


def tell_goals(found: Sequence[Mapping[str, Any]]) -> None:
    """Print how the goals stand; they are set for a million parcels."""
    print("\nGoals (set for 1,000,000 parcels)")
    for goal in found:
        sign = "<=" if goal["at_most"] else ">="
        state = "met" if goal["met"] else "MISSED"
        print(
            f"{goal['parcels']:>10,}  {goal['reached']:>10,.3f} {sign} {goal['wanted']:<6g}"
            f" {state:<7} {goal['goal']}"
        )


def _reached(tasks: Mapping[str, Part]) -> list[tuple[str, float, float, bool]]:
    found: list[tuple[str, float, float, bool]] = []
    clean, dirty, gap = (tasks.get(name) for name in (CLEAN, DIRTY, GAP))
    for own, how in ((OURS_EXACT, "without tolerance"), (OURS, "within 0.1 m")):
        ours = clean and _seconds(clean, own)
        if not (clean and ours):
            continue
        usual, read = _seconds(clean, USUAL), _seconds(clean, READ)
        name, best = _best_peer(clean)
        if usual:
            title = f"times as fast {how} as GeoPandas sjoin + dissolve"
            found.append((title, usual / ours, 60, False))
        if name:
            found.append((f"times as fast {how} as the best peer ({name})", best / ours, 15, False))
        if read:
            found.append((f"times as long {how} as only reading the file", ours / read, 3, True))
        found.append((f"MB at the peak {how}", clean["methods"][own]["peak_mb"], 600, True))
    ours = dirty and _seconds(dirty, OURS)
    if dirty and ours:
        name, best = _best_peer(dirty)
        if name:
            title = f"times as fast on dirty data as the best right peer ({name})"
            found.append((title, best / ours, 5, False))
        for own, how in ((OURS_EXACT, "without tolerance"), (OURS, "within 0.1 m")):
            on_clean = clean and _seconds(clean, own)
            if on_clean:
                title = f"times as long on dirty data as on clean {how}"
                found.append((title, ours / on_clean, 3, True))
    ours, theirs = gap and _seconds(gap, OURS_GAP), gap and _seconds(gap, DATABASE_WITHIN)
    if gap and ours and theirs:
        loaded = theirs - gap["methods"][DATABASE_WITHIN]["load_s"]
        title = "times as fast across gaps as ST_ClusterDBSCAN"
        found.append((f"{title}, from the file", theirs / ours, 1, False))
        found.append((f"{title} on loaded data", loaded / ours, 1, False))
    again = tasks.get(REGROUP, {}).get("methods", {}).get("regroup", {})
    if again.get("right"):
        found.append(("s to group anew after a change", again["phases_s"]["regroup"], 0.1, True))
    return found


def _best_peer(part: Part) -> tuple[str, float]:
    """Return the fastest right peer and its time; loading a database is not counted."""
    peers = [
        (found["seconds"] - found["load_s"], name)
        for name, found in part["methods"].items()
        if name not in OWN and found.get("right")
    ]
    best, name = min(peers, default=(0.0, ""))
    return name, best


def _seconds(part: Part, name: str) -> float:
    """Return the time of a method whose answer, if it gives one, is right; else 0."""
    found = part["methods"].get(name, {})
    return found.get("seconds", 0.0) if found.get("right", name == READ) else 0.0
