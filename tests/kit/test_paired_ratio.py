"""The signed-rank test, its estimate and its interval, against the library that has them and by what they promise."""

from __future__ import annotations

import math
import random

import pytest
import scipy.stats

from jarvis_bench.kit.paired_ratio import paired_ratio, signed_rank_p


def ratios(count: int, true_ratio: float, spread: float, seed: int) -> list[float]:
    """Ratios of blocks around the true one."""
    draw = random.Random(seed)
    return [true_ratio * math.exp(draw.gauss(0, spread)) for _ in range(count)]


@pytest.mark.parametrize("count", [7, 9, 12, 20])
@pytest.mark.parametrize("seed", range(5))
def test_the_p_value_is_that_of_scipy(count: int, seed: int) -> None:
    """Two-sided and exact."""
    logs = [math.log(value) for value in ratios(count, 1.05, 0.1, seed)]
    assert signed_rank_p(logs) == pytest.approx(scipy.stats.wilcoxon(logs, method="exact").pvalue)


def test_tied_differences_share_their_ranks() -> None:
    """Ranks 1.5, 1.5, 3: of the eight choices of signs, (+,+,+) and (−,−,−) are as extreme."""
    assert signed_rank_p([1.0, 1.0, 2.0]) == 2 / 8
    assert signed_rank_p([1.0, -1.0, 0.0]) == 1.0
    assert signed_rank_p([0.0, 0.0]) == 1.0


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """At least 95 % of 400 experiments, within what chance allows; it leaves out 1 exactly where p < 0.05."""
    found = [paired_ratio(ratios(9, 1.1, 0.1, seed)) for seed in range(400)]
    covered = sum(result.low <= 1.1 <= result.high for result in found)
    assert covered >= 0.93 * 400
    assert all((result.p_value < 0.05) == (not result.low <= 1 <= result.high) for result in found)


def test_one_wild_block_moves_neither_estimate_nor_verdict() -> None:
    """A block in which the machine stood still counts as one rank."""
    calm = [1.10, 1.11, 1.09, 1.10, 1.12, 1.10, 1.09, 1.11, 1.10]
    wild = [*calm[:-1], 9.0]
    assert paired_ratio(wild).ratio == pytest.approx(paired_ratio(calm).ratio, rel=0.01)
    assert paired_ratio(wild).p_value == paired_ratio(calm).p_value


def test_reach_is_the_far_end_of_the_interval() -> None:
    """As a share, on either side of 1."""
    result = paired_ratio([0.9, 0.99, 1.0, 1.01, 1.02, 0.98, 1.0])
    assert result.reach == pytest.approx(max(1 - result.low, result.high - 1))


def test_too_few_blocks_are_refused() -> None:
    """Six prove nothing at 0.95 in both directions."""
    with pytest.raises(ValueError, match="7 blocks"):
        paired_ratio([1.0] * 6)
