"""Every metric moves as its definition says, on a process whose memory is known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.memory.known_sizes import SizeCheck, allocator, check_known_sizes, file_of
from jarvis_bench.process_memory import HAS_PROC
from jarvis_bench.settings import Settings

needs_proc = pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)")
SIZE = 64 * 1024**2


@needs_proc
async def test_each_metric_moves_by_the_known_size() -> None:
    """Within 2 % of the size, and within 5 % of a reading that goes another way; a spike of 50 ms is caught."""
    checks = await check_known_sizes(SIZE, Settings().cache_dir)
    assert [check for check in checks if not check.good] == []
    judged = {(check.step, check.metric) for check in checks}
    for metric in ("rss", "pss", "uss", "pss-anon", "pss-file", "vm-hwm"):
        assert ("touch every page", metric) in judged
        assert any(check.metric == metric and check.independent_bytes is not None for check in checks)
    (spike,) = [check for check in checks if (check.step, check.metric) == ("hold it for 50 ms", "vm-hwm")]
    assert spike.found_bytes == pytest.approx(SIZE, rel=0.02)


def test_a_metric_that_moves_wrongly_is_not_good() -> None:
    """Off by 3 % of the size, or 6 % away from the other reading: each alone is enough."""
    right = SizeCheck("touch", "pss", 100, 101, 100, 10**7, 1040 * 10**4)
    assert right.good
    assert not dataclasses.replace(right, found_bytes=103).good
    assert not dataclasses.replace(right, independent_bytes=1060 * 10**4).good
    assert dataclasses.replace(right, independent_bytes=None).disagreement is None


@needs_proc
async def test_a_process_that_ends_is_an_error(tmp_path: Path) -> None:
    """A word that it does not know ends it; the caller learns during which."""
    with file_of(1024**2, tmp_path) as path:
        async with allocator(path) as one:
            with pytest.raises(NothingMeasured, match="'nonsense'"):
                await one.tell("nonsense")


async def test_other_systems_say_that_it_cannot_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the kernel's figures there is nothing to check, and that is an error in words."""
    monkeypatch.setattr("jarvis_bench.memory.known_sizes.HAS_PROC", False)
    with pytest.raises(NothingMeasured, match="Linux only"):
        await check_known_sizes()
