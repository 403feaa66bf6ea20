"""One who edits parcels all the time, in a process of its own, through the desk's own action.

python -m benchmarks._desk_writer WORKSPACE PARCELS EDITS_A_SECOND
"""

from __future__ import annotations

import json
import random
import signal
import sys
import time
from types import FrameType

from django.db import transaction

from zonewright.store import actions, workspace
from zonewright.store.access import operator
from zonewright.store.actions.editing import open_record


def main(target: str, parcels: int, a_second: float) -> None:
    """Edit until told to end; then print how many edits there were and how long they took."""
    workspace.connect(target)
    access = operator("benchmark")
    choose = random.Random(7)  # noqa: S311
    seconds: list[float] = []
    stopped = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    while not stopped:
        record = f"parcel:{choose.randint(1, parcels)}"
        begin = time.perf_counter()
        town = f"镇{choose.randint(0, 9999)}"
        with transaction.atomic():
            _, _, state = open_record(record, access)
            change = {"town": town}
            actions.edit(record, change, token=state.token, access=access, origin="benchmark")
        took = time.perf_counter() - begin
        seconds.append(took)
        time.sleep(max(0.0, 1 / a_second - took))
    seconds.sort()
    found = {"edits": len(seconds), "median_ms": round(1000 * seconds[len(seconds) // 2], 1),
             "p95_ms": round(1000 * seconds[int(0.95 * len(seconds))], 1)}  # fmt: skip
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
