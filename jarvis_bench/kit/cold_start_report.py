"""What cold starts have to say: the median of each way of starting with its bounds, and what was not cold."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from jarvis_bench.prober.percentiles import FLOORS
from jarvis_bench.records import ColdStartRow, IdleGapRow

PHASES = ("provision", "process", "import", "load", "first inference", "rest")
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Median:
    """A median with its bounds, distribution-free, at 95 % or the confidence that so few samples allow.

    `seconds` is None below 11 samples, `low_s` and `high_s` below 6 (no two samples bound it so surely then).
    """

    samples: int
    seconds: float | None
    low_s: float | None
    high_s: float | None
    middle_s: float | None


@dataclass(frozen=True, slots=True)
class ColdStartSummary:
    """One way of starting one tier and runtime.

    `cold`, `warm`, `unknown`, `failed`: how many samples were what; only the cold ones are in the medians. `phases_s`:
    the mean of each phase over the cold samples, in the order of `PHASES`, None where it has none; `warm_s`: median
    of the warm samples, one request each.
    """

    tier: str
    runtime: str
    way: str
    how: str
    cache: str
    cold: int
    warm: int
    unknown: int
    failed: int
    total_s: Median
    phases_s: tuple[float | None, ...]
    warm_s: float | None


@dataclass(frozen=True, slots=True)
class ColdStartReport:
    """`summaries`: a bar each; `rows`: every sample; `gaps`: requests after rests; `notes`: what was done."""

    summaries: tuple[ColdStartSummary, ...]
    rows: tuple[ColdStartRow, ...]
    gaps: tuple[IdleGapRow, ...]
    weights: str
    cores: str
    notes: tuple[str, ...]


def summarise_starts(rows: Sequence[ColdStartRow]) -> tuple[ColdStartSummary, ...]:
    """One summary for each tier, runtime, way and state of the page cache, in the order they came."""
    keys = dict.fromkeys((row.tier, row.runtime, row.way, row.how, row.cache) for row in rows)
    return tuple(_summary(key, [row for row in rows if _key(row) == key]) for key in keys)


def _key(row: ColdStartRow) -> tuple[str, str, str, str, str]:
    return (row.tier, row.runtime, row.way, row.how, row.cache)


def _summary(key: tuple[str, str, str, str, str], rows: Sequence[ColdStartRow]) -> ColdStartSummary:
    good = [row for row in rows if row.error is None]
    cold = [row for row in good if row.cold]
    warm_s = [row.total_s for row in good if row.cold is False and row.total_s is not None]
    return ColdStartSummary(
        *key,
        cold=len(cold),
        warm=sum(row.cold is False for row in good),
        unknown=sum(row.cold is None for row in good),
        failed=len(rows) - len(good),
        total_s=bounded_median([row.total_s for row in cold if row.total_s is not None]),
        phases_s=_phases(cold),
        warm_s=statistics.median(warm_s) if warm_s else None,
    )


def _phases(rows: Sequence[ColdStartRow]) -> tuple[float | None, ...]:
    columns = [[getattr(row, f"{phase.replace(' ', '_')}_s") for row in rows] for phase in PHASES]
    present = [[value for value in column if value is not None] for column in columns]
    return tuple(statistics.fmean(values) if values else None for values in present)


def bounded_median(samples_s: Sequence[float]) -> Median:
    """The median and two samples that bound the true one (order statistics, binomial; Le Boudec 2010, ch. 2)."""
    values = sorted(samples_s)
    count = len(values)
    low, high = _bounds(count)
    middle = statistics.median(values) if values else None
    return Median(
        samples=count,
        seconds=middle if count >= FLOORS[50] else None,
        low_s=None if low is None else values[low],
        high_s=None if high is None else values[high],
        middle_s=middle,
    )


def _bounds(count: int) -> tuple[int | None, int | None]:
    """Places of the narrowest pair of samples that holds the median with the wanted confidence."""
    from math import comb

    best: tuple[int | None, int | None] = (None, None)
    for low in range(count // 2):
        outside = 2 * sum(comb(count, number) for number in range(low + 1)) / 2**count
        if 1 - outside < CONFIDENCE:
            break
        best = (low, count - 1 - low)
    return best
