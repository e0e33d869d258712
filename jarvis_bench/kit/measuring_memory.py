"""The measuring process's part for memory and cold starts."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.ecapa.exported import model_path
from jarvis_bench.ecapa.weights import Weights, find_weights
from jarvis_bench.errors import NothingMeasured
from jarvis_bench.kit.cold_start_report import ColdStartReport, summarise_starts
from jarvis_bench.kit.memory_report import MemoryReport, compare_tables, summarise_checks
from jarvis_bench.kit.memory_table import MemoryTable, TableAmount, Tabling, other_tiers
from jarvis_bench.memory.interactive import line_memory
from jarvis_bench.memory.known_sizes import SizeCheck, check_known_sizes
from jarvis_bench.memory.page_cache import drop_from_page_cache, runtime_files
from jarvis_bench.prober.cold_start import Starter, cold_starts
from jarvis_bench.prober.idle_gaps import idle_gaps
from jarvis_bench.prober.starters import FreshInterpreter, FreshService
from jarvis_bench.process_memory import metrics_note
from jarvis_bench.records import ColdStartRow, IdleGapRow
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cores import share_cores
from jarvis_bench.tiers.served import served, until_ready

Emit = Callable[[str, object], None]
CLIP_S = 3.0
PATIENCE_S = 60.0


async def measure_memory(settings: Settings, config: dict[str, Any], emit: Emit) -> None:
    """The table, once or twice, with the checks on a process of known size and the lines of one encoder."""
    weights = await find_weights(settings)
    checks, note = await _checks(settings, emit)
    lines = config.pop("lines", "")
    tables = [
        await _table(settings, weights, dict(config), emit)
        for _ in range(1 + bool(config.pop("twice", False)))
    ]
    for row in tables[0].phases:
        emit("row", dataclasses.asdict(row))
    for row in tables[0].timeline:
        emit("sample", dataclasses.asdict(row))
    for check in checks:
        emit("check", dataclasses.asdict(check))
    if lines:
        emit("progress", f"memory: {lines}, line by line")
        (clip, *_) = load_clips(settings.data_dir, (CLIP_S,))
        for line in await line_memory(weights, lines, clip.samples):
            emit("line", dataclasses.asdict(line))
    report = MemoryReport(
        rows=(),
        weights=weights.note,
        cores=share_cores().note,
        metrics=metrics_note(),
        sampler=tables[0].cost,
        checks=summarise_checks(checks, note),
        notes=tuple(tables[0].notes),
        repeatability=compare_tables(tables[0].phases, tables[1].phases) if len(tables) > 1 else None,
    )
    emit("facts", dataclasses.asdict(report))


async def _checks(settings: Settings, emit: Emit) -> tuple[tuple[SizeCheck, ...], str]:
    emit("progress", "memory: a process of known size")
    try:
        return await check_known_sizes(folder=settings.cache_dir), ""
    except NothingMeasured as exc:
        return (), str(exc)


async def _table(settings: Settings, weights: Weights, config: dict[str, Any], emit: Emit) -> MemoryTable:
    lists = {name: tuple(value) for name, value in config.items() if isinstance(value, list)}
    amount = TableAmount(**{**config, **lists})
    async with other_tiers(settings, amount.tiers) as others:
        return await Tabling(settings, weights, amount, lambda text: emit("progress", text), others).run()


async def measure_cold_start(settings: Settings, config: dict[str, Any], emit: Emit) -> None:
    """Cold starts of each tier and runtime, with warm and cold page cache, then requests after rests."""
    weights = await find_weights(settings)
    (clip, *_) = load_clips(settings.data_dir, (CLIP_S,))
    rows: list[ColdStartRow] = []
    notes: list[str] = []
    for starter in _starters(config, weights, clip):
        rows += await cold_starts(
            starter, int(config["repeats"]), progress=lambda text: emit("progress", text)
        )
    for runtime in config["cold_cache"]:
        found, note = await _without_page_cache(weights, clip, runtime, int(config["repeats"]), emit)
        rows += found
        notes.append(note)
    gaps = await _gaps(config, clip, emit)
    for row in rows:
        emit("row", dataclasses.asdict(row))
    for gap in gaps:
        emit("sample", dataclasses.asdict(gap))
    report = ColdStartReport(
        summaries=summarise_starts(rows),
        rows=(),
        gaps=(),
        weights=weights.note,
        cores="1 thread; the client is on the same host",
        notes=tuple(notes),
    )
    emit("facts", dataclasses.asdict(report))


def _starters(config: dict[str, Any], weights: Weights, clip: Clip) -> list[Starter]:
    found: list[Starter] = []
    for tier in config["tiers"]:
        for runtime in config["runtimes"]:
            if tier == "local":
                found.append(FreshInterpreter(weights, runtime, clip.samples))
            elif tier == "service":
                found.append(FreshService(runtime, clip.samples))
    return found


async def _without_page_cache(
    weights: Weights, clip: Clip, runtime: str, repeats: int, emit: Emit
) -> tuple[list[ColdStartRow], str]:
    """The local tier with its files put out of the page cache before each start."""
    files = runtime_files(runtime, await model_path(weights, runtime))
    rows: list[ColdStartRow] = []
    dropped = None
    for index in range(repeats):
        dropped = await asyncio.to_thread(drop_from_page_cache, files)
        if dropped is None:
            return [], f"{runtime}: this system cannot put files out of the page cache"
        starter = FreshInterpreter(weights, runtime, clip.samples)
        found = await cold_starts(
            starter, 1, cache="cold", progress=lambda text: emit("progress", f"{text}, cold")
        )
        rows += [dataclasses.replace(row, index=index) for row in found]
    return rows, f"{runtime}, page cache cold: before each start {dropped}"


async def _gaps(config: dict[str, Any], clip: Clip, emit: Emit) -> list[IdleGapRow]:
    gaps = {float(gap): int(count) for gap, count in config["gaps"].items()}
    if not gaps:
        return []
    runtime = config["gap_runtime"]
    async with served(runtime, threads=1) as service:
        await until_ready(service.client, patience_s=PATIENCE_S)
        return await idle_gaps(
            service.client,
            clip.samples,
            gaps,
            tier="service",
            runtime=runtime,
            how="measured",
            sleep=asyncio.sleep,
            progress=lambda text: emit("progress", text),
        )
