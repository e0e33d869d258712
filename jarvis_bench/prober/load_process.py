"""The process that measures load: `python -m … ORDER.json`; what it finds comes back as lines of JSON.

It has a core, a loop and a memory of its own. SIGINT ends it early: what was measured by then is told first.
Where it measures together with others it says before each load that it is ready, and begins at the wall time (in
nanoseconds) that it then reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.prober.order import MeasurementOrder, check_order, order_from_fields
from jarvis_bench.prober.plan import as_fields
from jarvis_bench.prober.session import Finished, Session
from jarvis_bench.prober.start_line import StartLine, at_once
from jarvis_bench.settings import Settings, read_settings
from jarvis_bench.tiers.cores import Cores, share_cores

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ROWS_A_LINE = 1000


def emit(kind: str, value: object) -> None:
    """One line for the parent."""
    sys.stdout.write(json.dumps({kind: value}) + "\n")
    sys.stdout.flush()


def emit_table(kind: str, rows: Sequence[DataclassInstance]) -> None:
    """Records as arrays of their values; their fields are known to the parent."""
    for first in range(0, len(rows), ROWS_A_LINE):
        emit(kind, [list(dataclasses.astuple(row)) for row in rows[first : first + ROWS_A_LINE]])


def tell(finished: Finished) -> None:
    """All of one load; the facts last, as they say that the rest is there."""
    emit_table("rows", finished.rows)
    emit_table("ticks", finished.ticks)
    emit("plan", as_fields(finished.plan))
    emit("facts", dataclasses.asdict(finished.facts))


async def measure(order: MeasurementOrder, settings: Settings) -> None:
    """Carry the order out and tell what it finds."""
    check_order(order)
    # Several processes of one host would all choose the same core.
    cores = Cores(None, None) if order.together else share_cores()
    if cores.client is not None:
        os.sched_setaffinity(0, {cores.client})
    line = StartLine(emit)
    end_with_parent(line.heard)
    session = Session(
        order,
        settings,
        cores,
        finished=tell,
        skipped=lambda status: emit("skipped", dataclasses.asdict(status)),
        progress=lambda text: emit("progress", text),
        gate=line.wait if order.together else at_once,
    )

    def stop() -> None:
        session.stop()
        line.give_up()

    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop)
    await session.run()


def main() -> int:
    """Measure; an error of ours becomes one line for the parent and an exit code."""
    order = order_from_fields(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    try:
        asyncio.run(measure(order, read_settings()))
    except JarvisBenchError as exc:
        with contextlib.suppress(BrokenPipeError):
            emit("error", {"message": str(exc), "exit_code": exc.exit_code})
        return exc.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
