"""Percentiles that say when they cannot be known.

Below its floor of samples a percentile is not reported. The floors are those of MLPerf's load generator at
confidence 0.99: 11 samples for p50, 64 for p90, 130 for p95, 662 for p99.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jarvis_bench.records import LatencyRow, MeasurementVerdict

FLOORS = {50: 11, 90: 64, 95: 130, 99: 662}


@dataclass(frozen=True, slots=True)
class Percentile:
    """The p-th percentile in seconds, or None with the number of samples it would need."""

    p: int
    seconds: float | None
    needs: int

    def text(self, *, digits: int = 1) -> str:
        """In milliseconds, or why there is none."""
        return f"n/a (needs {self.needs})" if self.seconds is None else f"{self.seconds * 1e3:.{digits}f}"


def percentile(samples_s: Sequence[float], p: int) -> Percentile:
    """The exact sample percentile (nearest rank), or none below its floor."""
    needs = FLOORS[p]
    if len(samples_s) < needs:
        return Percentile(p, None, needs)
    rank = math.ceil(p / 100 * len(samples_s)) - 1
    return Percentile(p, sorted(samples_s)[rank], needs)


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """One clip length of one tier and runtime; seconds. `service_s` is last byte minus sent."""

    tier: str
    runtime: str
    clip_s: float
    samples: int
    failed: int
    service_s: tuple[Percentile, ...]
    fastest_s: float | None
    slowest_s: float | None
    verdict: MeasurementVerdict
    reason: str


def summarise(rows: Sequence[LatencyRow]) -> list[LatencySummary]:
    """One summary for each tier, runtime and clip length, in that order; warm-up rows do not count."""
    keys = sorted({(row.tier, row.runtime, row.clip_s) for row in rows})
    return [
        _summary(key, [row for row in rows if (row.tier, row.runtime, row.clip_s) == key]) for key in keys
    ]


def _summary(key: tuple[str, str, float], rows: Sequence[LatencyRow]) -> LatencySummary:
    timed = [row for row in rows if not row.warmup]
    good_s = [(row.last_byte_ns - row.sent_ns) / 1e9 for row in timed if row.ok]
    failed = len(timed) - len(good_s)
    verdict, reason = _verdict(len(good_s), failed)
    return LatencySummary(
        *key,
        samples=len(good_s),
        failed=failed,
        service_s=tuple(percentile(good_s, p) for p in FLOORS),
        fastest_s=min(good_s, default=None),
        slowest_s=max(good_s, default=None),
        verdict=verdict,
        reason=reason,
    )


def _verdict(good: int, failed: int) -> tuple[MeasurementVerdict, str]:
    if failed:
        return MeasurementVerdict.INVALID, f"{failed} of {good + failed} requests failed"
    if good < FLOORS[50]:
        return MeasurementVerdict.INCONCLUSIVE, f"{good} samples; a median needs {FLOORS[50]}"
    return MeasurementVerdict.VALID, f"{good} samples, none failed"
