"""A notebook measures in processes of its own, and an error there arrives in words."""

from __future__ import annotations

import sys

import pytest

from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.kit.measure import measure_memory


async def test_a_length_that_no_clip_has_is_named_with_those_there_are() -> None:
    """The error of the measuring process is the caller's error."""
    with pytest.raises(UsageError, match=r"9 s"):
        await measure_memory([9.0], progress=list[str]().append)


async def test_an_unknown_runtime_is_named_with_the_nearest() -> None:
    """A slip of the finger is answered by the name that was meant."""
    with pytest.raises((UsageError, NothingMeasured), match=r"'speechbrian'.*'speechbrain'"):
        await measure_memory([1.0], runtime="speechbrian", progress=list[str]().append)


@pytest.mark.model
async def test_the_model_stays_out_of_this_process() -> None:
    """One clip is measured, told on the way, and this process has imported no torch for it."""
    told: list[str] = []
    before = "torch" in sys.modules
    measured = await measure_memory([1.0], progress=told.append)
    assert measured.phases
    assert "weights" in measured.facts.weights
    assert told
    assert ("torch" in sys.modules) == before
