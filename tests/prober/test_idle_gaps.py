"""Requests after rests, with a clock that does not rest."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.prober.idle_gaps import idle_gaps
from jarvis_bench.records import IdleGapRow
from jarvis_bench.tiers.tier import Answer

CLIP = np.zeros(16_000, np.float32)


class Sleepy:
    """Another instance answers after a rest of more than a second."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.instance, self.index = 0, 0
        self.fails = False

    async def sleep(self, seconds: float) -> None:
        """Only note it."""
        self.slept.append(seconds)
        if seconds > 1:
            self.instance, self.index = self.instance + 1, 0

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """Who it is, and how many it had before."""
        if self.fails:
            raise NothingMeasured("gone")
        self.index += 1
        return Answer(
            np.ones(192, np.float32), 0.1, instance_id=str(self.instance), request_index=self.index - 1
        )


async def measured(tier: Sleepy, gaps: dict[float, int]) -> list[IdleGapRow]:
    """The rows of a sweep."""
    asked = idle_gaps(
        tier, CLIP, gaps, tier="service", runtime="onnx", how="emulated", sleep=tier.sleep, progress=print
    )
    return [row async for row in asked]


async def test_each_gap_is_rested_before_each_request_shortest_first() -> None:
    """One warming request before them is not a row."""
    tier = Sleepy()
    rows = await measured(tier, {1.0: 2, 0.0: 1})
    assert tier.slept == [0.0, 1.0, 1.0]
    assert [(row.gap_s, row.index) for row in rows] == [(0.0, 0), (1.0, 0), (1.0, 1)]
    assert all(row.response_s is not None and row.model_s == 0.1 and row.how == "emulated" for row in rows)


async def test_another_instance_after_a_rest_is_cold() -> None:
    """The one that was warm has gone."""
    rows = await measured(Sleepy(), {0.0: 1, 60.0: 2})
    assert [row.cold for row in rows] == [False, True, True]


async def test_a_request_that_fails_is_a_row_and_a_tier_that_is_down_an_error() -> None:
    """The first cannot even be warmed."""
    tier = Sleepy()
    tier.fails = True
    with pytest.raises(NothingMeasured):
        await measured(tier, {0.0: 1})
    tier.fails = False

    async def sleep_and_die(seconds: float) -> None:
        tier.fails = True

    tier.sleep = sleep_and_die  # type: ignore[method-assign]
    (row,) = await measured(tier, {0.0: 1})
    assert (row.response_s, row.error) == (None, "gone")
