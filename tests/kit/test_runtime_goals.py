"""The goals are judged from the report alone, and what could not be measured is never called met."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from jarvis_bench.kit.runtime_goals import judge
from jarvis_bench.records import RuntimesReport

from .runtimes_report import make_report


def verdicts(report: RuntimesReport) -> dict[str, bool | None]:
    """Each goal's first words to whether it was met."""
    return {goal.text: goal.met for goal in judge(report)}


def test_a_good_report_meets_every_goal() -> None:
    """All figures better than their limits, on a CPU with AMX."""
    found = verdicts(make_report(cpu_features=("amx_bf16", "avx512_bf16")))
    assert len(found) == 10
    assert set(found.values()) == {True}


def test_without_amx_the_goal_of_openvino_is_skipped_with_its_reason() -> None:
    """It is neither met nor missed, and the figure is shown all the same."""
    goals = {goal.text: goal for goal in judge(make_report(cpu_features=("avx512_bf16",)))}
    goal = goals["openvino, 3 s clip: 6 × as fast as speechbrain"]
    assert goal.met is None
    assert goal.measured == "skipped, because this CPU has no AMX (measured: 7.00 ×)"


def test_no_speed_is_asked_for_that_the_machine_cannot_give() -> None:
    """Where speechbrain is near the limit itself, the goal is neither met nor missed, and says so."""
    report = make_report(cpu_features=())
    slow: dict[str, dict[str, Any]] = {
        "speechbrain": {"limit_share": 0.65},
        "onnx": {"speedup": 1.31, "limit_share": 0.87},
    }
    rows = tuple(dataclasses.replace(row, **slow.get(row.runtime, {})) for row in report.rows)
    goals = {goal.text: goal for goal in judge(dataclasses.replace(report, rows=rows))}
    goal = goals["onnx, 3 s clip: 1.5 × as fast as speechbrain"]
    assert goal.met is None
    assert "speechbrain reaches 65% of this machine's float32 limit (measured: 1.31 ×)" in goal.measured


@pytest.mark.parametrize(
    ("runtime", "clip_s", "change", "missed"),
    [
        ("onnx", 3.0, {"speedup": 1.49}, "1.5 × as fast"),
        ("onnx", 3.0, {"limit_share": 0.59}, "60 % of the float32 limit"),
        ("onnx", 10.0, {"hwm_bytes": 241_000_000}, "10 s clips"),
        ("openvino", 10.0, {"speedup": 0.99}, "no runtime slower"),
    ],
)
def test_a_figure_beyond_its_limit_misses_its_goal(
    runtime: str, clip_s: float, change: dict[str, Any], missed: str
) -> None:
    """One goal is missed, and no other."""
    report = make_report(cpu_features=("amx_bf16",))
    rows = tuple(
        dataclasses.replace(row, **change) if (row.runtime, row.clip_s) == (runtime, clip_s) else row
        for row in report.rows
    )
    found = verdicts(dataclasses.replace(report, rows=rows))
    assert [text for text, met in found.items() if met is False] == [text for text in found if missed in text]
    assert sum(met is False for met in found.values()) == 1


def test_growing_memory_misses_its_goal() -> None:
    """More than a tenth above the level after 20 clips."""
    report = make_report(cpu_features=())
    varied = tuple(dataclasses.replace(one, late_pss_bytes=200_000_000) for one in report.varied)
    found = verdicts(dataclasses.replace(report, varied=varied))
    assert [met for text, met in found.items() if "varied length" in text] == [False]


def test_a_peak_that_cannot_be_read_is_not_judged() -> None:
    """A system without VmHWM misses nothing and meets nothing."""
    report = make_report(cpu_features=())
    rows = tuple(dataclasses.replace(row, hwm_bytes=None, pss_loaded_bytes=None) for row in report.rows)
    found = verdicts(dataclasses.replace(report, rows=rows))
    assert [met for text, met in found.items() if "VmHWM" in text or "PSS once" in text] == [None, None, None]
