"""The caller's side of a measurement: start the process that measures, collect what it tells, sum it up."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jarvis_bench.child_process import child_process
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.errors import NothingMeasured, UsageError
from jarvis_bench.prober.facts import RunFacts, facts_from_fields
from jarvis_bench.prober.load_report import LoadReport, reports
from jarvis_bench.prober.order import MeasurementOrder, check_order
from jarvis_bench.prober.plan import Plan, from_fields
from jarvis_bench.prober.rows import ClientTick, RequestRow
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.settings import Settings, as_environment, read_settings

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LoadFacts:
    """What holds for a whole measurement, beside its rows and ticks: all that its reports are made of.

    `runs`: the facts of each load, in order; `plans`: their arrivals, so that each can be replayed; `skipped`:
    tiers that could not be measured, and why.
    """

    weights: str
    runs: tuple[RunFacts, ...]
    plans: tuple[Plan, ...]
    skipped: tuple[TierStatus, ...]


@dataclass(frozen=True, slots=True)
class LoadMeasurement:
    """All that was measured: every request, every tick, and what each load adds up to.

    `skipped`: tiers that could not be measured; `weights`: the note on the weights that this machine would load.
    """

    reports: tuple[LoadReport, ...]
    rows: tuple[RequestRow, ...]
    ticks: tuple[ClientTick, ...]
    facts: tuple[RunFacts, ...]
    plans: tuple[Plan, ...]
    skipped: tuple[TierStatus, ...]
    weights: str
    interrupted: bool

    @property
    def kept(self) -> LoadFacts:
        """The part that is no table; rows, ticks and this are what the reports are made of."""
        return LoadFacts(self.weights, self.facts, self.plans, self.skipped)


@dataclass
class Collected:
    """What a measuring process has told so far."""

    rows: list[RequestRow] = field(default_factory=list)
    ticks: list[ClientTick] = field(default_factory=list)
    facts: list[RunFacts] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    skipped: list[TierStatus] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def take(self, kind: str, value: Any, progress: Progress) -> None:
        """One line of the measuring process."""
        match kind:
            case "rows":
                self.rows += [RequestRow(*row) for row in value]
            case "ticks":
                self.ticks += [ClientTick(*tick) for tick in value]
            case "facts":
                self.facts.append(facts_from_fields(value))
            case "plan":
                self.plans.append(from_fields(value))
            case "skipped":
                self.skipped.append(TierStatus(**{**value, "status": Status(value["status"])}))
            case "progress":
                progress(value)
            case _:
                self.errors.append(value)


async def measure_load(
    order: MeasurementOrder,
    *,
    settings: Settings | None = None,
    progress: Progress = lambda _: None,
    stop: asyncio.Event | None = None,
) -> LoadMeasurement:
    """Measure in a process of its own.

    Args:
        order: what to measure.
        settings: where tiers and clips are; default those of this process.
        progress: told in words how far it is.
        stop: once set, no more is sent and what was measured so far is returned.

    Raises:
        UsageError: the order asks for what cannot be measured.
        NothingMeasured: the measuring process ended without a word.
    """
    settings = settings or read_settings()
    check_order(order)
    progress("looking for the weights")
    weights = (await find_weights(settings)).note if "local" in order.tiers else "weights: the service's own"
    collected, stop = Collected(), stop or asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-load-") as folder:
        path = Path(folder) / "order.json"
        path.write_text(json.dumps(dataclasses.asdict(order)), encoding="utf-8")
        code = await _collect(path, settings, collected, progress, stop)
    raise_told(collected)
    if not collected.facts and not collected.skipped and not stop.is_set():
        raise NothingMeasured(f"the measuring process ended with code {code} and no result")
    return LoadMeasurement(
        reports=reports(collected.facts, collected.rows, collected.ticks),
        rows=tuple(collected.rows),
        ticks=tuple(collected.ticks),
        facts=tuple(collected.facts),
        plans=tuple(collected.plans),
        skipped=tuple(collected.skipped),
        weights=weights,
        interrupted=stop.is_set(),
    )


def raise_told(collected: Collected) -> None:
    """Raise the error that the measuring process has told, if it has."""
    for error in collected.errors:
        kind = UsageError if error["exit_code"] == UsageError.exit_code else NothingMeasured
        raise kind(error["message"])


async def _collect(
    path: Path, settings: Settings, collected: Collected, progress: Progress, stop: asyncio.Event
) -> int:
    environment = {**os.environ, **as_environment(settings)}
    async with child_process("jarvis_bench.prober.load_process", [str(path)], env=environment) as process:
        if process.stdout is None:
            raise NothingMeasured("the measuring process has no output")
        stopper = asyncio.create_task(_pass_on(stop, process))
        try:
            async for line in process.stdout:
                ((kind, value),) = json.loads(line).items()
                collected.take(kind, value, progress)
            return await process.wait()
        finally:
            stopper.cancel()


async def _pass_on(stop: asyncio.Event, process: asyncio.subprocess.Process) -> None:
    await stop.wait()
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
