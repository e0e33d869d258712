"""The pictures of memory say in words what they show, in light and in dark."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from jarvis_bench.records import MemoryRow
from jarvis_bench.report.display import Figure
from jarvis_bench.report.memory_figures import stacked_bars, timelines, whose

from .memory_rows import MB, PHASES, TIMELINE

PICTURES: dict[str, Callable[[], Figure]] = {
    "timelines": lambda: timelines(TIMELINE, PHASES),
    "bars": lambda: stacked_bars(PHASES),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_same_each_time_and_names_metric_and_data(name: str) -> None:
    """The peaks of all tiers stand in the alternative text, too."""
    once, again = PICTURES[name](), PICTURES[name]()
    assert once == again
    assert once.light != once.dark
    assert "VmHWM" in once.caption
    assert "measured" in once.caption
    assert ".parquet" in once.caption
    for key in ("local, onnx: peak 220 MB", "service, speechbrain: peak 924 MB", "cloud-run client, onnx"):
        assert key in once.alt


def test_claims_are_lines_in_both_pictures() -> None:
    """2 GB, 500 MB and nothing."""
    bars, lines = stacked_bars(PHASES).light.decode(), timelines(TIMELINE, PHASES).light.decode()
    assert bars != stacked_bars(PHASES[:1]).light.decode()
    assert len(lines) > 1000


def test_a_container_is_drawn_from_its_own_figures() -> None:
    """Anon and file of the cgroup in place of PSS, its own mark in place of VmHWM."""
    rows = [
        MemoryRow("docker", "onnx", "after idle", metric, value * MB, 1.0)
        for metric, value in (
            ("cgroup-anon", 60),
            ("cgroup-file", 110),
            ("docker-stats", 150),
            ("cgroup-peak", 300),
        )
    ]
    rows.append(MemoryRow("docker", "onnx", "peak", "cgroup-peak", 300 * MB, 1.0))
    assert "docker, onnx: peak 300 MB" in stacked_bars([*PHASES, *rows]).alt
    assert stacked_bars([*PHASES, *rows]) != stacked_bars(PHASES)
    line = [dataclasses.replace(row, t_s=float(number)) for number, row in enumerate([rows[2]] * 3)]
    assert timelines(line, rows).light


def test_nothing_measured_is_still_a_picture() -> None:
    """A run without readings says so."""
    assert "No peak" in stacked_bars([]).alt
    assert timelines([], []).light


def test_a_client_is_told_from_its_tier() -> None:
    """The two are never added or confused."""
    assert [whose(row) for row in PHASES if row.phase == "peak"][-1] == "cloud-run client"
