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


def left_of(walked: Sequence[list[MemoryTable]], half: MemoryTable | None) -> list[list[MemoryTable]]:
    """What an interruption leaves of the walks of each table; empty where nothing was measured yet.

    Args:
        walked: the whole walks of each table, which are walked in turns.
        half: the walk that was interrupted, None where all had ended. It counts only where there is nothing else.
    """
    first, *others = walked
    if not first:
        return [[half]] if half is not None and half.phases else []
    return [first, *others] if all(len(other) == len(first) for other in others) else [first]


def _mean(rows: Sequence[MemoryRow], walks: int) -> MemoryRow:
    known = [row for row in rows if row.bytes is not None]
    if not known:
        return rows[0]
    missing = next((row.note for row in rows if row.bytes is None and row.note), "")
    some = "" if len(known) == walks else f"in {len(known)} of {walks} walks; {missing}".rstrip("; ")
    return dataclasses.replace(
        known[0], bytes=round(statistics.fmean(row.bytes or 0 for row in known)), note=some
    )
