"""One table out of several walks through the same phases."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence

from jarvis_bench.kit.memory_report import Key, cell_key
from jarvis_bench.kit.memory_table import MemoryTable
from jarvis_bench.records import MemoryRow


def mean_table(walks: Sequence[MemoryTable]) -> MemoryTable:
    """The mean of each cell over walks that each had processes of their own; the timeline is that of the first.

    What the C library keeps of freed memory differs from process to process by tens of megabytes; a mean differs less.
    A cell that not every walk has a number for says so in its note.

    Args:
        walks: at least one.
    """
    if len(walks) == 1:
        return walks[0]
    cells: dict[Key, list[MemoryRow]] = {}
    for walk in walks:
        for row in walk.phases:
            cells.setdefault(cell_key(row), []).append(row)
    note = f"each figure is the mean of {len(walks)} walks, each with processes of its own; the timeline is the first's"
    return MemoryTable(
        phases=[_mean(rows, len(walks)) for rows in cells.values()],
        timeline=walks[0].timeline,
        notes=[note, *dict.fromkeys(note for walk in walks for note in walk.notes)],
        costs=[cost for walk in walks for cost in walk.costs],
    )


def _mean(rows: Sequence[MemoryRow], walks: int) -> MemoryRow:
    known = [row for row in rows if row.bytes is not None]
    if not known:
        return rows[0]
    some = "" if len(known) == walks else f"in {len(known)} of {walks} walks"
    return dataclasses.replace(
        known[0], bytes=round(statistics.fmean(row.bytes or 0 for row in known)), note=some
    )
