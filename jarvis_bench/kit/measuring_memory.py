"""The measuring process's part for memory and cold starts."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.ecapa.encoder import RUNTIMES
from jarvis_bench.ecapa.exported import model_path
from jarvis_bench.ecapa.weights import Weights, find_weights
from jarvis_bench.errors import NothingMeasured, TierFailed, UsageError, unknown_name
from jarvis_bench.kit.cold_start_report import ColdStartReport, summarise_starts
from jarvis_bench.kit.memory_report import MemoryReport, compare_tables, summarise_checks
from jarvis_bench.kit.memory_table import MemoryTable, TableAmount, Tabling
from jarvis_bench.kit.memory_walks import left_of, mean_table
from jarvis_bench.memory.interactive import line_memory
from jarvis_bench.memory.known_sizes import SizeCheck, check_known_sizes
from jarvis_bench.memory.page_cache import drop_from_page_cache, runtime_files
from jarvis_bench.prober.cold_start import Starter, cold_starts
from jarvis_bench.prober.idle_gaps import idle_gaps
from jarvis_bench.prober.new_revision import make_revision
from jarvis_bench.prober.starters import FreshInterpreter, FreshService, RecreatedContainer, ScaledFromZero
from jarvis_bench.process_memory import metrics_note
from jarvis_bench.records import ColdStartRow, IdleGapRow
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cores import share_cores
from jarvis_bench.tiers.local import NEEDED_PACKAGES
from jarvis_bench.tiers.named import is_url
from jarvis_bench.tiers.served import served, until_ready
from jarvis_bench.tiers.temporary import IMAGE_RUNTIMES, temporary_cloud_run, temporary_container

Emit = Callable[[str, object], None]
CLIP_S = 3.0
COLD_TIERS = ("local", "service", "docker", "cloud-run")
# Idle instances of the real service are let go after up to 15 minutes; the emulator does as it is told.
REAL_IDLE_S, EMULATED_IDLE_S, LET_GO_S = 900.0, 0.5, 2.0
PATIENCE_S = 60.0
INTERRUPTED = "interrupted: this is what was measured until then"


async def measure_memory(settings: Settings, config: dict[str, Any], emit: Emit) -> None:
    """The table, once or twice, with the checks on a process of known size and the lines of one encoder."""
    weights = await find_weights(settings)
    checks, note = await _checks(settings, emit)
    lines, twice, walks = (
        config.pop("lines", ""),
        bool(config.pop("twice", False)),
        int(config.pop("walks", 1)),
    )
    # In turns, so that what changes on the host in the course of it changes for both alike.
    walked: list[list[MemoryTable]] = [[] for _ in range(1 + twice)]
    half: MemoryTable | None = None
    try:
        for _ in range(walks):
            for ended in walked:
                tabling = _tabling(settings, weights, config, emit)
                half = tabling.table
                ended.append(await tabling.run())
                half = None
        if lines:
            await _watch_lines(settings, weights, lines, emit)
    except asyncio.CancelledError:
        if not (walked := left_of(walked, half)):
            raise
        walked[0][0].notes.append(INTERRUPTED)
    tables = [mean_table(ended) for ended in walked]
    for row in tables[0].phases:
        emit("row", dataclasses.asdict(row))
    for row in tables[0].timeline:
        emit("sample", dataclasses.asdict(row))
    for check in checks:
        emit("check", dataclasses.asdict(check))
    report = MemoryReport(
        rows=(),
        weights=weights.note,
        cores=share_cores().note,
        metrics=metrics_note(),
        sampler=tables[0].cost,
        checks=summarise_checks(checks, note),
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
        repeatability=compare_tables(tables[0].phases, tables[1].phases) if len(tables) > 1 else None,
    )
    emit("facts", dataclasses.asdict(report))


async def _checks(settings: Settings, emit: Emit) -> tuple[tuple[SizeCheck, ...], str]:
    emit("progress", "memory: a process of known size")
    try:
        return await check_known_sizes(folder=settings.cache_dir), ""
    except NothingMeasured as exc:
        return (), str(exc)


def _tabling(settings: Settings, weights: Weights, config: dict[str, Any], emit: Emit) -> Tabling:
    lists = {name: tuple(value) for name, value in config.items() if isinstance(value, list)}
    amount = TableAmount(**{**config, **lists})
    return Tabling(settings, weights, amount, partial(emit, "progress"))


async def _watch_lines(settings: Settings, weights: Weights, runtime: str, emit: Emit) -> None:
    emit("progress", f"memory: {runtime}, line by line")
    (clip, *_) = load_clips(settings.data_dir, (CLIP_S,))
    for line in await line_memory(weights, runtime, clip.samples):
        emit("line", dataclasses.asdict(line))


@dataclass(slots=True)
class _ColdStarts:
    """What was found so far."""

    rows: list[ColdStartRow] = field(default_factory=list)
    gaps: list[IdleGapRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def measure_cold_start(settings: Settings, config: dict[str, Any], emit: Emit) -> None:
    """Cold starts of each tier and runtime, with warm and cold page cache, then requests after rests."""
    check_names(config)
    weights = await find_weights(settings)
    found = _ColdStarts()
    try:
        await _start_all(settings, weights, config, found, emit)
    except asyncio.CancelledError:
        if not found.rows:
            raise
        found.notes.append(INTERRUPTED)
    for row in found.rows:
        emit("row", dataclasses.asdict(row))
    for gap in found.gaps:
        emit("sample", dataclasses.asdict(gap))
    report = ColdStartReport(
        summaries=summarise_starts(found.rows),
        rows=(),
        gaps=(),
        weights=weights.note,
        cores="1 thread; the client is on the same host",
        notes=tuple(found.notes),
    )
    emit("facts", dataclasses.asdict(report))


async def _start_all(
    settings: Settings, weights: Weights, config: dict[str, Any], found: _ColdStarts, emit: Emit
) -> None:
    (clip, *_) = load_clips(settings.data_dir, (CLIP_S,))
    repeats, tell = int(config["repeats"]), partial(emit, "progress")
    for tier in config["tiers"]:
        for runtime in config["runtimes"]:
            try:
                async with _starter(tier, runtime, settings, weights, clip, emit) as starter:
                    async for row in cold_starts(starter, repeats, progress=tell):
                        found.rows.append(row)
            except (NothingMeasured, TierFailed) as exc:
                found.notes.append(f"{tier}, {runtime}: not measured, because {exc}")
    for runtime in config["cold_cache"]:
        found.notes.append(await _without_page_cache(weights, clip, runtime, repeats, found, emit))
    if not found.rows:
        raise NothingMeasured("; ".join(found.notes) or "no tier was named")
    await _ask_after_rests(config, clip, found, emit)


def check_names(config: dict[str, Any]) -> None:
    """Fail on a tier or runtime that there is not, or that cannot be started from here.

    Raises:
        UsageError: one of them.
    """
    if (url := next(filter(is_url, config["tiers"]), None)) is not None:
        raise UsageError(
            f"{url}: nothing can be started or ended by an address alone; for a service on Cloud Run set "
            "cloud_run_url and name the tier cloud-run"
        )
    runtimes = [*config["runtimes"], *config["cold_cache"], config["gap_runtime"]]
    for kind, names, known in (("tier", config["tiers"], COLD_TIERS), ("runtime", runtimes, RUNTIMES)):
        for name in names:
            if name not in known:
                raise unknown_name(kind, name, known)


@contextlib.asynccontextmanager
async def _starter(
    tier: str, runtime: str, settings: Settings, weights: Weights, clip: Clip, emit: Emit
) -> AsyncIterator[Starter]:
    """The way of starting a tier from nothing; what it needs is gone with the block.

    Raises:
        NothingMeasured: this runtime is not there in this tier.
        TierFailed: the tier is not there.
    """
    tell = partial(emit, "progress")
    if any(importlib.util.find_spec(package) is None for package in NEEDED_PACKAGES[runtime][0]):
        raise NothingMeasured("it is not installed")
    if tier == "local":
        yield FreshInterpreter(weights, runtime, clip.samples)
    elif tier == "service":
        yield FreshService(runtime, clip.samples)
    elif tier == "docker":
        if runtime not in IMAGE_RUNTIMES:
            raise NothingMeasured("there is no image with it")
        async with temporary_container(settings, runtime, core=None, tell=tell) as container:
            yield RecreatedContainer(container, runtime, clip.samples)
    else:
        let_go, way = _letting_go(settings)
        async with temporary_cloud_run(settings, runtime, idle_s=EMULATED_IDLE_S, tell=tell) as cloud:
            yield ScaledFromZero(cloud, runtime, clip.samples, let_go, way)


def _letting_go(settings: Settings) -> tuple[Callable[[], Awaitable[None]], str]:
    """What leaves Cloud Run without an instance, and its name."""
    if settings.cloud_run_url and settings.cloud_run_new_revision_command:
        return partial(make_revision, settings.cloud_run_new_revision_command), "new revision"
    idle_s = REAL_IDLE_S if settings.cloud_run_url else EMULATED_IDLE_S
    return partial(asyncio.sleep, idle_s + LET_GO_S), "scaled from zero"


async def _without_page_cache(
    weights: Weights, clip: Clip, runtime: str, repeats: int, found: _ColdStarts, emit: Emit
) -> str:
    """The local tier with its files put out of the page cache before each start; a note on that."""
    files = runtime_files(runtime, await model_path(weights, runtime))
    dropped = None
    for index in range(repeats):
        dropped = await asyncio.to_thread(drop_from_page_cache, files)
        if dropped is None:
            return f"{runtime}: this system cannot put files out of the page cache"
        starter = FreshInterpreter(weights, runtime, clip.samples)
        async for row in cold_starts(
            starter, 1, cache="cold", progress=lambda text: emit("progress", f"{text}, cold")
        ):
            found.rows.append(dataclasses.replace(row, index=index))
    return f"{runtime}, page cache cold: before each start {dropped}"


async def _ask_after_rests(config: dict[str, Any], clip: Clip, found: _ColdStarts, emit: Emit) -> None:
    gaps = {float(gap): int(count) for gap, count in config["gaps"].items()}
    if not gaps:
        return
    runtime = config["gap_runtime"]
    async with served(runtime, threads=1) as service:
        await until_ready(service.client, patience_s=PATIENCE_S)
        async for row in idle_gaps(
            service.client,
            clip.samples,
            gaps,
            tier="service",
            runtime=runtime,
            how="measured",
            sleep=asyncio.sleep,
            progress=partial(emit, "progress"),
        ):
            found.gaps.append(row)
