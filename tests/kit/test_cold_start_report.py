"""Medians with bounds, phases as means, and every sample counted."""

from __future__ import annotations

import pytest

from jarvis_bench.kit.cold_start_report import PHASES, bounded_median, summarise_starts
from jarvis_bench.records import ColdStartRow


def row(
    index: int, *, cold: bool | None = True, total_s: float | None = 1.0, tier: str = "local"
) -> ColdStartRow:
    """One sample."""
    return ColdStartRow(
        *(tier, "onnx", "fresh interpreter", "measured", "warm"),
        index=index,
        cold=cold,
        total_s=total_s,
        import_s=0.5,
        error=None if total_s is not None else "died",
    )


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, None, None), (5, None, None), (6, 0, 5), (11, 1, 9), (20, 5, 14)]
)
def test_bounds_of_a_median_are_those_of_the_tables(count: int, low: int | None, high: int | None) -> None:
    """Order statistics at 95 %: none below 6 samples, the 2nd and 10th of 11, the 6th and 15th of 20."""
    found = bounded_median([float(number) for number in range(count)])
    assert (found.low_s, found.high_s) == (low, high)


def test_a_median_needs_eleven_samples() -> None:
    """What lies in the middle of fewer is not called one."""
    few, enough = bounded_median([1.0, 2.0, 3.0]), bounded_median([float(number) for number in range(11)])
    assert (few.seconds, few.middle_s) == (None, 2.0)
    assert (enough.seconds, enough.samples) == (5.0, 11)


def test_only_cold_samples_are_in_the_figures_and_all_are_counted() -> None:
    """Warm, unknown and failed ones are not dropped in silence."""
    rows = [
        row(0),
        row(0, cold=False, total_s=9.0),
        row(1, cold=None, total_s=9.0),
        row(2, total_s=None, cold=None),
    ]
    (found,) = summarise_starts(rows)
    assert (found.cold, found.warm, found.unknown, found.failed) == (1, 1, 1, 1)
    assert found.total_s.middle_s == 1.0
    assert found.warm_s == 9.0
    assert dict(zip(PHASES, found.phases_s, strict=True))["import"] == 0.5
    assert dict(zip(PHASES, found.phases_s, strict=True))["rest"] == 0.5
    assert found.phases_s[0] is None


def test_each_way_of_starting_is_a_summary() -> None:
    """In the order they came."""
    found = summarise_starts([row(0, tier="service"), row(0), row(1, tier="service")])
    assert [(one.tier, one.cold) for one in found] == [("service", 2), ("local", 1)]
