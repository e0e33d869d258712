"""Measure memory and cold starts from a notebook or a command: in a process of its own, as `kit.measure` does."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jarvis_bench.kit.cold_start_report import ColdStartReport, ColdStartSummary, Median
from jarvis_bench.kit.measure import Progress, measure
from jarvis_bench.kit.memory_report import ChecksSummary, MemoryReport, Outside, Repeatability
from jarvis_bench.memory.interactive import LineRow
from jarvis_bench.memory.known_sizes import SizeCheck
from jarvis_bench.memory.timeline import SamplerCost
from jarvis_bench.records import ColdStartRow, IdleGapRow, MemoryRow


@dataclass(frozen=True, slots=True)
class MemoryMeasurement:
    """`phases`: readings at the end of each phase; `timeline`: samples in between; `facts`: the rest, without rows.

    `checks`: of every metric on a process of known size; `lines`: of one encoder, by memory-profiler.
    """

    phases: tuple[MemoryRow, ...]
    timeline: tuple[MemoryRow, ...]
    checks: tuple[SizeCheck, ...]
    lines: tuple[LineRow, ...]
    facts: MemoryReport

    @property
    def report(self) -> MemoryReport:
        """The record with its rows."""
        return dataclasses.replace(self.facts, rows=self.phases)


@dataclass(frozen=True, slots=True)
class ColdStartMeasurement:
    """`rows`: every start and request; `gaps`: requests after rests; `facts`: the rest, without rows."""

    rows: tuple[ColdStartRow, ...]
    gaps: tuple[IdleGapRow, ...]
    facts: ColdStartReport

    @property
    def report(self) -> ColdStartReport:
        """The record with its rows."""
        return dataclasses.replace(self.facts, rows=self.rows, gaps=self.gaps)


async def measure_memory(
    tiers: Sequence[str] = ("local", "service", "docker", "cloud-run", "client"),
    *,
    runtimes: Sequence[str] = ("onnx", "speechbrain", "openvino"),
    conditions: Sequence[str] = (),
    condition_runtimes: Sequence[str] = ("onnx",),
    contained: Sequence[str] = (),
    repeats: int = 8,
    idle_s: float = 1.0,
    lines: str = "",
    twice: bool = False,
    walks: int = 1,
    progress: Progress = print,
    stop: asyncio.Event | None = None,
) -> MemoryMeasurement:
    """The RAM of everything that holds a model, at each step of its life, and of a client that holds none.

    Args:
        tiers: of `local`, `service` (the HTTP service in no container), `client`, `docker`, `cloud-run`, or the
            address of a service, which is asked what it holds, and its client measured.
        runtimes: those that are not installed are skipped, and said so.
        conditions: beside the usual walk, of `kit.memory_table.CONDITIONS`.
        condition_runtimes: whose local tier is walked under these conditions, too.
        contained: runtimes of containers and instances; empty for the same.
        repeats: at least so many clips in each steady phase, which is read four times.
        idle_s: rest before the last reading, in seconds.
        lines: a runtime whose encoder is watched line by line; empty for none.
        twice: make the table twice and compare the cells.
        walks: of which each cell is the mean, each with processes of its own.
        progress: told in words how far it is.
        stop: ends it where it is set; what was measured is kept.

    Raises:
        UsageError: no such tier, runtime or condition.
        NothingMeasured: the measuring process ended without a result.
    """
    config = {
        "tiers": list(tiers),
        "runtimes": list(runtimes),
        "conditions": list(conditions),
        "condition_runtimes": list(condition_runtimes),
        "contained": list(contained),
        "repeats": repeats,
        "idle_s": idle_s,
        "lines": lines,
        "twice": twice,
        "walks": walks,
    }
    found = await measure("memory", config, progress, stop)
    progress(f"{len(found['row'])} readings and {len(found['sample'])} samples taken")
    return MemoryMeasurement(
        phases=tuple(MemoryRow(**row) for row in found["row"]),
        timeline=tuple(MemoryRow(**row) for row in found["sample"]),
        checks=tuple(SizeCheck(**row) for row in found["check"]),
        lines=tuple(LineRow(**row) for row in found["line"]),
        facts=memory_report(found["facts"][0]),
    )


async def measure_cold_start(
    tiers: Sequence[str] = ("local", "service", "docker", "cloud-run"),
    *,
    runtimes: Sequence[str] = ("onnx", "speechbrain", "openvino"),
    repeats: int = 11,
    cold_cache: Sequence[str] = (),
    gaps: Mapping[float, int] | None = None,
    gap_runtime: str = "onnx",
    progress: Progress = print,
    stop: asyncio.Event | None = None,
) -> ColdStartMeasurement:
    """From nothing to a first embedding, phase by phase, and what a request takes after a rest.

    Args:
        tiers: of `local` (a fresh interpreter) and `service` (a fresh service process), `docker`, `cloud-run`.
        runtimes: each in each tier.
        repeats: starts of each; a median needs 11.
        cold_cache: runtimes whose local tier is started with its files put out of the page cache, too.
        gaps: requests by rest in seconds.
        gap_runtime: what computes behind them.
        progress: told in words how far it is.
        stop: ends it where it is set; what was measured is kept.

    Raises:
        UsageError: no such tier or runtime.
        NothingMeasured: the measuring process ended without a result.
    """
    config = {
        "tiers": list(tiers),
        "runtimes": list(runtimes),
        "repeats": repeats,
        "cold_cache": list(cold_cache),
        "gaps": dict(gaps or {}),
        "gap_runtime": gap_runtime,
    }
    found = await measure("cold-start", config, progress, stop)
    progress(f"{len(found['row'])} samples and {len(found['sample'])} requests after rests")
    return ColdStartMeasurement(
        rows=tuple(ColdStartRow(**row) for row in found["row"]),
        gaps=tuple(IdleGapRow(**row) for row in found["sample"]),
        facts=cold_start_report(found["facts"][0]),
    )


def memory_report(content: Mapping[str, Any]) -> MemoryReport:
    """The record of memory.json, whose rows are in memory.parquet."""
    values = {name: value for name, value in content.items() if name != "schema_version"}
    repeated = values["repeatability"]
    if repeated is not None:
        outside = tuple(Outside(**cell) for cell in repeated["outside"])
        repeated = Repeatability(repeated["cells"], repeated["within"], outside)
    return MemoryReport(
        **{
            **values,
            "rows": tuple(MemoryRow(**row) for row in values["rows"]),
            "sampler": SamplerCost(**values["sampler"]),
            "checks": ChecksSummary(**values["checks"]),
            "notes": tuple(values["notes"]),
            "repeatability": repeated,
        }
    )


def cold_start_report(content: Mapping[str, Any]) -> ColdStartReport:
    """The record of cold_start.json, whose rows are in parquet files."""
    values = {name: value for name, value in content.items() if name != "schema_version"}
    summaries = tuple(
        ColdStartSummary(**{**one, "total_s": Median(**one["total_s"]), "phases_s": tuple(one["phases_s"])})
        for one in values["summaries"]
    )
    return ColdStartReport(
        summaries=summaries,
        rows=tuple(ColdStartRow(**row) for row in values["rows"]),
        gaps=tuple(IdleGapRow(**row) for row in values["gaps"]),
        weights=values["weights"],
        cores=values["cores"],
        notes=tuple(values["notes"]),
    )
