"""A process's memory while something else makes it work."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from jarvis_bench.memory.sources import ProcessSource
from jarvis_bench.memory.timeline import Timeline

from .holder import TAKEN_BYTES, holder


async def sampled(line: Timeline, count: int) -> None:
    """Wait until the timeline has so many more samples of rss."""
    wanted = len(rss(line)) + count
    async with asyncio.timeout(10.0):
        while len(rss(line)) < wanted:
            await asyncio.sleep(0.01)


def rss(line: Timeline) -> list[int | None]:
    """Its samples of rss."""
    return [row.bytes for row in line.rows if row.metric == "rss"]


async def test_rise_of_memory_is_in_the_timeline() -> None:
    """Samples before and after 100 MB were taken differ by them, and carry the phase they were taken in."""
    with holder() as process:
        line = Timeline(ProcessSource(process.pid), tier="local", runtime="fake")
        line.phase = "before"
        async with line.sampling():
            await sampled(line, 1)
            line.phase = "after"
            process.go_on("taken")
            await sampled(line, 2)
    levels = rss(line)
    assert levels[0] is not None
    assert levels[-1] is not None
    assert levels[-1] - levels[0] >= TAKEN_BYTES * 0.99
    assert (line.rows[0].phase, line.rows[-1].phase) == ("before", "after")
    assert {(row.tier, row.runtime) for row in line.rows} == {("local", "fake")}
    assert all(0 <= earlier.t_s <= later.t_s for earlier, later in pairwise(line.rows))
    assert "pss" in {row.metric for row in line.rows}


async def test_sampling_ends_with_its_block() -> None:
    """After the block nothing is sampled any more."""
    with holder() as process:
        line = Timeline(ProcessSource(process.pid), tier="local", runtime="fake")
        tasks = asyncio.all_tasks()
        async with line.sampling():
            await sampled(line, 1)
        assert asyncio.all_tasks() == tasks


async def test_process_that_ends_ends_its_timeline_only() -> None:
    """When the process goes away, what was sampled stays, and the measurement is not disturbed."""
    with holder() as process:
        line = Timeline(ProcessSource(process.pid), tier="local", runtime="fake")
        async with line.sampling():
            await sampled(line, 1)
            process.process.kill()
            process.process.wait()
            count = len(rss(line))
            await asyncio.sleep(0.25)  # two samples' time
    assert line.rows
    assert len(rss(line)) <= count + 1


async def test_error_in_the_block_comes_through() -> None:
    """Sampling hides no error of what is measured."""
    with holder() as process:
        line = Timeline(ProcessSource(process.pid), tier="local", runtime="fake")
        with pytest.raises(ZeroDivisionError):
            async with line.sampling():
                raise ZeroDivisionError


def test_reading_is_stamped_and_kept() -> None:
    """A reading taken by hand is a row like the others, in a phase of its own if it has one."""
    line = Timeline(ProcessSource(1), tier="local", runtime="fake")
    line.phase = "load"
    row = line.add("vm-hwm", 7)
    peak = line.add("vm-hwm", 9, phase="peak")
    assert line.rows == [row, peak]
    assert (row.phase, row.metric, row.bytes) == ("load", "vm-hwm", 7)
    assert (peak.phase, peak.bytes) == ("peak", 9)
    assert 0 <= row.t_s <= peak.t_s


async def test_sampling_knows_its_own_cost() -> None:
    """CPU seconds within the seconds sampled, and how many samples of either kind that made."""
    with holder() as process:
        line = Timeline(ProcessSource(process.pid), tier="local", runtime="fake")
        assert line.cost.share is None
        async with line.sampling():
            await sampled(line, 3)
    cost = line.cost
    assert 0 < cost.cpu_s < cost.wall_s
    assert cost.full >= 1
    assert cost.dense >= 2
    assert cost.share == cost.cpu_s / cost.wall_s


def test_a_figure_that_could_not_be_had_is_none_with_the_reason() -> None:
    """Never 0: nobody may take "not measured" for "nothing"."""
    line = Timeline(ProcessSource(1), tier="docker", runtime="onnx", condition="cache cold", of="client")
    row = line.add("pss", None, phase="imported", how="self-reported", note="not separable")
    assert row.bytes is None
    assert (row.note, row.how, row.condition, row.of) == (
        "not separable",
        "self-reported",
        "cache cold",
        "client",
    )
