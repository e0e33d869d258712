"""The figures of a run, and the interval of a ratio of medians."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.figures_of_run import drift, ratio_interval, read_figures
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import rows_table
from jarvis_bench.records import RuntimeTiming

from .finished_runs import finished_run


def test_every_measurement_gives_its_figures(tmp_path: Path) -> None:
    """Latency by tier, runtime and clip; runtimes; memory by phase; each with its metric."""
    folder = finished_run(tmp_path / "run")
    folder.write_table(
        "runtimes.parquet", rows_table([RuntimeTiming("onnx", 3.0, n, 0.02) for n in range(11)])
    )
    figures = read_figures(folder)
    latency = figures["local, onnx, 3 s clip, service time p50"]
    assert (latency.metric, latency.unit, len(latency.samples)) == ("service time p50", "s", 30)
    assert latency.value == pytest.approx(0.1, rel=0.02)
    assert figures["runtime onnx, 3 s clip, model time p50"].value == pytest.approx(0.02)
    assert figures["local, speechbrain, peak, VmHWM"].value == 952_000_000
    assert {figure.metric for figure in figures.values() if figure.unit == "B"} == {"PSS", "VmHWM"}


def test_what_was_not_measured_is_not_there(tmp_path: Path) -> None:
    """No figure is made up."""
    assert read_figures(RunFolder(tmp_path)) == {}


def test_a_torn_table_is_named(tmp_path: Path) -> None:
    """With its path."""
    (tmp_path / "latency.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match=r"latency\.parquet"):
        read_figures(RunFolder(tmp_path))


def test_the_interval_holds_the_true_ratio_and_is_the_same_again() -> None:
    """Of two noisy runs, one 20 % slower."""
    draw = random.Random(1)
    a = [draw.lognormvariate(0, 0.1) for _ in range(100)]
    b = [1.2 * draw.lognormvariate(0, 0.1) for _ in range(100)]
    low, high = ratio_interval(a, b)
    assert 1.0 < low < 1.2 < high < 1.4
    assert ratio_interval(a, b) == (low, high)


def test_neighbours_that_are_alike_widen_the_interval() -> None:
    """A run with slow and fast spells knows its median less well than its number of samples says."""
    spells = [1.0 if n // 10 % 2 else 1.3 for n in range(100)]
    mixed = [1.0 if n % 2 else 1.3 for n in range(100)]
    steady = [1.0] * 100
    wide, narrow = (ratio_interval(steady, samples) for samples in (spells, mixed))
    assert wide[1] - wide[0] >= narrow[1] - narrow[0]


def test_drift_is_the_second_half_against_the_first() -> None:
    """As a share."""
    assert drift([1.0] * 10 + [1.2] * 10) == pytest.approx(0.2)
    assert drift([1.0] * 20) == 0
