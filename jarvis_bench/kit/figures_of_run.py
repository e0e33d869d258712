"""The figures of a finished run that another run can be compared with, each with its samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.artefacts import read_latency
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import memory_rows
from jarvis_bench.prober.percentiles import FLOORS
from jarvis_bench.prober.plan import SINGLE

LEAST_SAMPLES = FLOORS[50]
# What is compared of a memory table, and how it is written in a report.
MEMORY_METRICS = {"pss": "PSS", "vm-hwm": "VmHWM"}
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class RunFigure:
    """One figure: `name` says of what, `metric` which number; `samples` are in the order of their measurement.

    `unit` is `s` or `B`; a figure in bytes is one reading. `failed`: how many requests gave no sample.
    """

    name: str
    metric: str
    unit: str
    samples: tuple[float, ...]
    failed: int = 0

    @property
    def key(self) -> str:
        """What tells it from the run's other figures."""
        return f"{self.name}, {self.metric}"

    @property
    def value(self) -> float:
        """The median, in the unit."""
        return float(np.median(self.samples))


def read_figures(folder: RunFolder) -> dict[str, RunFigure]:
    """All figures of a run by their keys, in a fixed order; what was not measured is not there.

    Raises:
        UsageError: a table cannot be read.
    """
    readers: tuple[tuple[str, Callable[[RunFolder], list[RunFigure]]], ...] = (
        ("latency.parquet", _latency),
        ("runtimes.parquet", _runtimes),
        ("memory.parquet", _memory),
    )
    found = []
    for name, read in readers:
        if folder.has(name):
            try:
                found += read(folder)
            except (OSError, ValueError, KeyError, TypeError) as exc:
                raise UsageError(f"{folder.path / name} cannot be read: {type(exc).__name__}: {exc}") from exc
    return {figure.key: figure for figure in found if figure.samples}


def _latency(folder: RunFolder) -> list[RunFigure]:
    """Of one caller only: the rate of an open load is a share of each run's own peak, so two of them are not alike."""
    measured = read_latency(folder)
    figures = []
    for fact in measured.facts:
        if fact.scenario == SINGLE:
            rows = [row for row in measured.rows if row.run == fact.run and not row.warmup]
            samples = tuple(row.service_s for row in rows if row.ok and row.service_s is not None)
            name = f"{fact.tier}, {fact.runtime}, {fact.clip_s:g} s clip"
            figures.append(RunFigure(name, "service time p50", "s", samples, len(rows) - len(samples)))
    return figures


def _runtimes(folder: RunFolder) -> list[RunFigure]:
    rows = sorted(folder.read_table("runtimes.parquet").to_dict("records"), key=lambda row: row["round"])
    return [
        RunFigure(
            f"runtime {runtime}, {clip_s:g} s clip",
            "model time p50",
            "s",
            tuple(row["model_s"] for row in rows if (row["runtime"], row["clip_s"]) == (runtime, clip_s)),
        )
        for runtime, clip_s in sorted({(row["runtime"], row["clip_s"]) for row in rows})
    ]


def _memory(folder: RunFolder) -> list[RunFigure]:
    return [
        RunFigure(
            f"{row.tier}, {row.runtime}, {row.phase}", MEMORY_METRICS[row.metric], "B", (float(row.bytes),)
        )
        for row in memory_rows(folder.read_table("memory.parquet"))
        if row.metric in MEMORY_METRICS and row.bytes is not None
    ]


def ratio_interval(a: Sequence[float], b: Sequence[float], *, seed: int = 1) -> tuple[float, float]:
    """The 95 % interval of the ratio of medians, b over a, by a moving-block bootstrap.

    Neighbouring requests are alike, so blocks of √n of them are drawn and not single ones (Künsch 1989).
    """
    draw = np.random.default_rng(seed)
    ratios = _medians(np.asarray(b), draw) / _medians(np.asarray(a), draw)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return float(low), float(high)


def _medians(samples: NDArray[np.float64], draw: np.random.Generator) -> NDArray[np.float64]:
    count = len(samples)
    length = max(1, round(count**0.5))
    starts = draw.integers(0, count - length + 1, size=(RESAMPLES, -(-count // length)))
    index = (starts[:, :, None] + np.arange(length)).reshape(RESAMPLES, -1)[:, :count]
    return np.asarray(np.median(samples[index], axis=1))


def drift(samples: Sequence[float]) -> float:
    """By what share the median of the second half differs from that of the first: what a run makes of itself."""
    half = len(samples) // 2
    return abs(float(np.median(samples[half:]) / np.median(samples[:half])) - 1)
