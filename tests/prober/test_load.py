"""Carrying a plan out makes a row of every request, with or without a tier that prepares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jarvis_bench.ecapa.clips import Clip, mark
from jarvis_bench.prober.load import Label, carry_out, prepare
from jarvis_bench.prober.plan import Plan, make_plan
from jarvis_bench.tiers.fake import FakeTier
from jarvis_bench.tiers.tier import Answer

CLIP = Clip("noise", "nobody", "en", 1.0, np.zeros(16_000, dtype=np.float32))


class Remembering(FakeTier):
    """Remembers what it was sent."""

    def __init__(self) -> None:
        super().__init__("local")
        self.sent: list[NDArray[np.float32]] = []

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        self.sent.append(samples)
        return Answer(np.ones(192, dtype=np.float32), model_s=0.25)


async def test_a_tier_that_cannot_prepare_is_sent_unique_clips_all_the_same() -> None:
    """Marked with consecutive numbers from the first; each row says what the tier told."""
    tier = Remembering()
    plan = make_plan(Plan("single", 60.0, requests=4))
    reference = np.ones(192, dtype=np.float32)
    carried = await carry_out(
        [prepare(tier, CLIP)],
        [CLIP],
        plan,
        Label("run", "local", "onnx"),
        first_number=10,
        references=[reference],
    )
    assert [row.index for row in carried.rows] == [0, 1, 2, 3]
    for number, samples in enumerate(tier.sent, start=10):
        assert (samples == mark(CLIP.samples, number)).all()
    assert all(row.ok and row.model_s == 0.25 and row.sent_bytes == 64_000 for row in carried.rows)
    assert [round(row.cosine or 0, 6) for row in carried.rows] == [1.0] * 4
    assert all(
        row.planned_ns <= (row.sent_ns or 0) <= (row.last_byte_ns or 0) == row.ended_ns
        for row in carried.rows
    )
    assert not carried.interrupted
    assert abs(carried.clock_ratio - 1) < 0.5
    assert len({samples.tobytes() for samples in tier.sent}) == 4
