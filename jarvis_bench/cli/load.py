"""`jarvis-bench load`: how fast tiers are under a load, and whether the numbers may be quoted."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jarvis_bench.cli.load_text import as_text
from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.errors import UsageError
from jarvis_bench.records import MeasurementVerdict, TierStatus

if TYPE_CHECKING:
    from jarvis_bench.prober.load_report import LoadReport, ThresholdResult
    from jarvis_bench.prober.measurement import LoadMeasurement
    from jarvis_bench.prober.order import LoadOrder, MeasurementOrder
    from jarvis_bench.prober.thresholds import Threshold

MISSED, INVALID, NOTHING, INTERRUPTED = 1, 3, 4, 130


@dataclass(frozen=True, slots=True)
class Loads:
    """Several tiers or clip lengths under the same load, and tiers that could not be measured.

    `not_begun`: tiers that an interruption came before.
    """

    loads: tuple[LoadReport, ...]
    skipped: tuple[TierStatus, ...]
    weights: str
    interrupted: bool
    not_begun: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    rate: float | None
    concurrency: int | None
    duration_s: float
    scenario: str | None
    requests: int
    callers: int
    plan: Path | None


def load_tiers(
    tier: Annotated[
        list[str] | None, typer.Option(help="local, docker, cloud-run or a service's URL; repeatable.")
    ] = None,
    runtime: Annotated[str | None, typer.Option(help="What computes in the local tier.")] = None,
    rate: Annotated[float | None, typer.Option(help="Open loop: requests a second at planned times.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Closed loop: callers, each waits for its answer.")
    ] = None,
    duration: Annotated[float, typer.Option(help="Seconds; p99 needs 662 answers, p50 needs 11.")] = 60.0,
    clip_seconds: Annotated[
        list[float] | None, typer.Option(help="Clip length; default 3; repeatable.")
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="open-poisson (default with --rate), open-constant, burst, single, closed, find-peak."
        ),
    ] = None,
    requests: Annotated[int, typer.Option(help="Closed loop: at most so many; 0 for as many as fit.")] = 0,
    callers: Annotated[int, typer.Option(help="Open loop: at most so many requests under way.")] = 256,
    connections: Annotated[int | None, typer.Option(help="Of the client; default as many as needed.")] = None,
    plan: Annotated[Path | None, typer.Option(help="Replay a plan that --out has kept.")] = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(help="'p(99) < 250ms', 'failed: rate < 1%' (k6's grammar); repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of arrivals, order of clips, and compared answers.")] = 1,
    dask: Annotated[
        str | None, typer.Option(help="Scheduler of a Dask cluster, whose workers send the load together.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder that keeps rows, plans and reports.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Load tiers and say how long requests took, with a verdict on the measurement itself.

    Ctrl-C ends it early and keeps what was measured. Exits 1 when a threshold was missed, 3 when a measurement is
    INVALID, 4 when a tier could not be measured, 130 when interrupted.
    """
    from jarvis_bench.prober.keeping import check_folder, keep
    from jarvis_bench.prober.order import MeasurementOrder
    from jarvis_bench.prober.thresholds import parse_threshold

    asked = _Asked(rate, concurrency, duration, scenario, requests, callers, plan)
    order = MeasurementOrder(
        tiers=tuple(dict.fromkeys(tier or ["local"])),
        loads=(_load(asked, seed),),
        clip_seconds=tuple(clip_seconds or [3.0]),
        runtime=runtime,
        seed=seed,
        connections=connections,
    )
    thresholds = [parse_threshold(text) for text in threshold or []]
    if out is not None:
        check_folder(out)
    measured = asyncio.run(_measure(order, dask))
    if out is not None:
        keep(measured, out)
    raise typer.Exit(_tell(measured, order.tiers, thresholds, out, json=json))


def _load(asked: _Asked, seed: int) -> LoadOrder:
    from jarvis_bench.prober.order import LoadOrder, seeds_of
    from jarvis_bench.prober.plan import CLOSED, FIND_PEAK, OPEN, OPEN_POISSON, SINGLE, Plan, read_plan

    if asked.plan is not None:
        return LoadOrder(read_plan(asked.plan), replay=True)
    if asked.rate is not None and asked.concurrency is not None:
        raise UsageError("--rate is an open loop, --concurrency a closed one: choose one of them")
    closed = SINGLE if asked.concurrency in {None, 1} else CLOSED
    scenario = asked.scenario or (OPEN_POISSON if asked.rate is not None else closed)
    if scenario in OPEN and asked.rate is None:
        raise UsageError(f"{scenario} needs --rate")
    if scenario == FIND_PEAK and (asked.rate or asked.concurrency):
        raise UsageError("find-peak finds rate and concurrency itself: leave --rate and --concurrency out")
    made = Plan(
        scenario,
        asked.duration_s,
        concurrency=1 if scenario == SINGLE else asked.concurrency or 1,
        rate_per_s=asked.rate or 0.0,
        requests=asked.requests,
        callers=asked.callers,
        seeds=seeds_of(seed),
    )
    return LoadOrder(made)


async def _measure(order: MeasurementOrder, dask: str | None) -> LoadMeasurement:
    """The first Ctrl-C asks for what there is so far, the second ends at once."""
    from jarvis_bench.prober.measurement import measure_load
    from jarvis_bench.prober.scale_out import measure_load_on

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        sys.stderr.write("interrupted: collecting what was measured\n")
        stop.set()
        for wanted in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(wanted)

    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, interrupt)
    if dask is not None:
        return await measure_load_on(dask, order, progress=print_progress, stop=stop)
    return await measure_load(order, progress=print_progress, stop=stop)


def print_progress(text: str) -> None:
    """How far it is, away from the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _tell(
    measured: LoadMeasurement,
    tiers: tuple[str, ...],
    thresholds: list[Threshold],
    out: Path | None,
    *,
    json: bool,
) -> int:
    from jarvis_bench.prober.thresholds import judge_thresholds

    judged = tuple(
        dataclasses.replace(
            report,
            thresholds=judge_thresholds(
                thresholds, report, [row for row in measured.rows if row.run == report.facts.run]
            ),
        )
        for report in measured.reports
    )
    begun = {report.tier for report in judged} | {status.tier for status in measured.skipped}
    missing = tuple(name for name in tiers if name.rstrip("/") not in begun)
    loads = Loads(judged, measured.skipped, measured.weights, measured.interrupted, missing)
    if json:
        alone = len(loads.loads) == 1 and not loads.skipped and not loads.not_begun
        print_record(loads.loads[0] if alone else loads)
    else:
        print_text(as_text(loads, out))
    for result in missed(loads):
        sys.stderr.write(f"jarvis-bench: missed: {result.threshold}: {result.measured}\n")
    return exit_code(loads)


def exit_code(loads: Loads) -> int:
    """Of several, 130 > 4 > 3 > 1."""
    if loads.interrupted:
        return INTERRUPTED
    if loads.skipped or not loads.loads or not any(report.requests.ok for report in loads.loads):
        return NOTHING
    if any(report.verdict is MeasurementVerdict.INVALID for report in loads.loads):
        return INVALID
    return MISSED if missed(loads) else 0


def missed(loads: Loads) -> list[ThresholdResult]:
    """The conditions that did not hold, of all loads."""
    return [result for report in loads.loads for result in report.thresholds if not result.met]
