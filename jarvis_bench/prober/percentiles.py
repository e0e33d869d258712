"""Percentiles that say when they cannot be known, and how far the true one may lie above.

Below its floor of samples a percentile is not reported. Floors and bounds are those of MLPerf's load generator at
confidence 0.99: 11 samples for p50, 64 for p90, 662 for p99. Rows are pooled; percentiles are never merged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

CONFIDENCE = 0.99
FLOORS: dict[float, int] = {50: 11, 90: 64, 95: 130, 99: 662, 99.9: 6636}


@dataclass(frozen=True, slots=True)
class Percentile:
    """The p-th percentile in seconds, or None with the number of samples it would need.

    `bound_s`: the true percentile is no larger, with confidence 0.99 (None: unknown, it may be any). `beyond`: it
    lies among requests that were given up, so `seconds` is only a lower limit.
    """

    p: float
    seconds: float | None
    needs: int
    bound_s: float | None = None
    beyond: bool = False

    @property
    def name(self) -> str:
        """As in JSON: `p50`, `p99`, `p99.9`."""
        return f"p{self.p:g}"

    def text(self, *, digits: int = 1) -> str:
        """In milliseconds, or why there is none."""
        if self.seconds is None:
            return f"n/a (needs {self.needs})"
        return f"{'>' if self.beyond else ''}{self.seconds * 1e3:.{digits}f}"

    def text_with_bound(self, *, digits: int = 1) -> str:
        """The same with the bound beside it."""
        if self.seconds is None or self.beyond:
            return self.text(digits=digits)
        bound = "?" if self.bound_s is None else f"{self.bound_s * 1e3:.{digits}f}"
        return f"{self.text(digits=digits)} (≤ {bound})"


def over_latency_budget(samples: int, p: float, confidence: float = CONFIDENCE) -> int:
    """How many of the samples may lie above the bound of a percentile; -1 where there are too few for any.

    The largest t for which at most t of `samples` would exceed the true percentile with a probability of at most
    1 - confidence (MLPerf's early stopping with tolerance 0).
    """
    above, total, budget = 1 - p / 100, 0.0, -1
    for count in range(samples + 1):
        total += math.exp(
            math.lgamma(samples + 1)
            - math.lgamma(count + 1)
            - math.lgamma(samples - count + 1)
            + count * math.log(above)
            + (samples - count) * math.log1p(-above)
        )
        if total > 1 - confidence:
            break
        budget = count
    return budget


def least_samples(p: float, confidence: float = CONFIDENCE) -> int:
    """The floor of a percentile: the fewest samples that allow one of them above the bound."""
    samples = 2
    while over_latency_budget(samples, p, confidence) < 1:
        samples += 1
    return samples


def percentile(samples_s: Sequence[float], p: float, given_up_s: Sequence[float] = ()) -> Percentile:
    """The exact sample percentile (nearest rank), or none below its floor.

    Args:
        samples_s: seconds.
        p: 0 to 100, exclusive.
        given_up_s: ages of requests whose latency is only known to be larger; they count as the largest of all.
    """
    needs = FLOORS[p] if p in FLOORS else least_samples(p)
    known, count = sorted(samples_s), len(samples_s) + len(given_up_s)
    if count < needs:
        return Percentile(p, None, needs)
    rank = math.ceil(p / 100 * count) - 1
    place = count - over_latency_budget(count, p)
    bound_s = known[place] if place < len(known) else None
    if rank < len(known):
        return Percentile(p, known[rank], needs, bound_s)
    return Percentile(p, sorted([*known, *given_up_s])[rank], needs, None, beyond=True)


def effective_samples(samples_s: Sequence[float]) -> float:
    """How many independent samples these are worth in the order they were taken: n(1 - r)/(1 + r), r their
    correlation from one to the next; never more than n."""
    count = len(samples_s)
    if count < 3:
        return float(count)
    mean = sum(samples_s) / count
    off = [value - mean for value in samples_s]
    spread = sum(value * value for value in off)
    if spread == 0:
        return float(count)
    r = sum(a * b for a, b in pairwise(off)) / spread
    return count * (1 - r) / (1 + r) if 0 < r < 1 else float(count)
