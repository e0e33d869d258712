"""A notebook measures in processes of its own, and an error there arrives in words."""

from __future__ import annotations

import pytest

from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.kit.measure import measure, measure_runtimes


async def test_a_length_that_no_clip_has_is_named_with_those_there_are() -> None:
    """The error of the measuring process is the caller's error."""
    with pytest.raises(UsageError, match=r"7 s.*\b30\b"):
        await measure_runtimes({7.0: 1}, progress=list[str]().append)


async def test_a_measuring_process_that_ends_without_a_result_is_an_error() -> None:
    """Nobody takes no rows for a measurement of nothing."""
    with pytest.raises(NothingMeasured, match="no result"):
        await measure("no such measurement", {}, list[str]().append)
