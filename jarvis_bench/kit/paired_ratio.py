"""Paired ratios and what they prove: Wilcoxon's signed-rank test with the estimate and interval that belong to it.

One pair is one block of a comparison: both arms measured in the same seconds, so that a machine that becomes slower
makes both larger and leaves their ratio alone. The test is exact: it counts all 2ⁿ ways in which the
signs could have fallen, ties included (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, ch. 3).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
# With fewer pairs no interval at 0.95 exists, or it is the range of all pairs.
FEWEST_PAIRS = 7


@dataclass(frozen=True, slots=True)
class PairedRatio:
    """Other over reference: `ratio` is the Hodges–Lehmann estimate, `low` and `high` its exact interval at 0.95.

    `p_value` is that of the two-sided signed-rank test; the interval leaves out 1 where it is below 0.05.
    """

    ratio: float
    low: float
    high: float
    p_value: float
    pairs: int

    @property
    def reach(self) -> float:
        """How far from 1 the interval goes, as a share: what may lie between two arms that are alike."""
        return max(abs(self.low - 1), abs(self.high - 1))


def paired_ratio(ratios: Sequence[float]) -> PairedRatio:
    """What the ratios of some blocks prove.

    Args:
        ratios: a positive number a block.

    Raises:
        ValueError: fewer than seven blocks, or a number that is not positive.
    """
    if len(ratios) < FEWEST_PAIRS:
        raise ValueError(f"{FEWEST_PAIRS} blocks are needed: {len(ratios)} given")
    logs = [math.log(ratio) for ratio in ratios]
    walsh = sorted((logs[i] + logs[j]) / 2 for i in range(len(logs)) for j in range(i + 1))
    cut = _cut(len(logs))
    return PairedRatio(
        ratio=math.exp(statistics.median(walsh)),
        low=math.exp(walsh[cut]),
        high=math.exp(walsh[-1 - cut]),
        p_value=signed_rank_p(logs),
        pairs=len(logs),
    )


def signed_rank_p(differences: Sequence[float]) -> float:
    """The exact two-sided p-value of Wilcoxon's signed-rank test; differences of 0 are left out."""
    real = [value for value in differences if value]
    if not real:
        return 1.0
    doubled = _doubled_ranks([abs(value) for value in real])
    positive = sum(rank for rank, value in zip(doubled, real, strict=True) if value > 0)
    ways = _ways(doubled)
    smaller = min(positive, sum(doubled) - positive)
    return min(1.0, sum(ways[: smaller + 1]) / 2.0 ** (len(real) - 1))


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    """Twice the ranks from 1, so that the mean rank of tied values is whole, too."""
    return [sum((other < value) * 2 + (other == value) for other in values) + 1 for value in values]


def _ways(doubled_ranks: Sequence[int]) -> list[int]:
    """In how many of the 2ⁿ choices of signs the positive ranks add up to each number."""
    ways = [1] + [0] * sum(doubled_ranks)
    for rank in doubled_ranks:
        for total in range(len(ways) - 1, rank - 1, -1):
            ways[total] += ways[total - rank]
    return ways


def _cut(pairs: int) -> int:
    """How many Walsh averages lie outside the interval at each end."""
    ways, tail, below = _ways(range(1, pairs + 1)), (1 - CONFIDENCE) / 2 * 2**pairs, 0
    for total, count in enumerate(ways):
        below += count
        if below > tail:
            return total - 1
    return 0
