"""Rows of several workers as one measurement: every percentile is of all rows together, never one of percentiles."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jarvis_bench.prober.client_health import ClientHealth
from jarvis_bench.prober.clock_offset import ClockOffset
from jarvis_bench.prober.facts import RunFacts, WorkerPart
from jarvis_bench.prober.load_report import LoadReport, load_report
from jarvis_bench.prober.plan import Part, Plan, part_of
from jarvis_bench.prober.rows import ClientTick, RequestRow
from jarvis_bench.records import MeasurementVerdict, TierStatus

# Workers whose clocks are known less well than this did not certainly send at the planned times together.
CLOCK_BOUND_S = 0.1
STAMPS = (
    "planned_ns", "ready_ns", "dispatched_ns", "sent_ns", "first_byte_ns", "last_byte_ns", "ended_ns",
)  # fmt: skip
AGAIN = "measure again with workers that stay; what the others measured is kept"


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back from one worker, in its own clock; `lost`: why the rest did not come, empty where all did."""

    worker: str
    host: str
    part: Part
    clock: ClockOffset
    rows: tuple[RequestRow, ...]
    ticks: tuple[ClientTick, ...]
    facts: tuple[RunFacts, ...]
    plans: tuple[Plan, ...]
    skipped: tuple[TierStatus, ...]
    lost: str


@dataclass(frozen=True, slots=True)
class Pooled:
    """One load, its rows and ticks on one time axis: this machine's `perf_counter_ns`, as well as clocks agree."""

    report: LoadReport
    plan: Plan
    rows: tuple[RequestRow, ...]
    ticks: tuple[ClientTick, ...]


@dataclass(frozen=True, slots=True)
class _Came:
    """One worker's part of one load, on the common time axis."""

    returned: Returned
    facts: RunFacts
    rows: tuple[RequestRow, ...]
    ticks: tuple[ClientTick, ...]
    report: LoadReport


def pool(returned: Sequence[Returned], started_ns: Mapping[str, int]) -> tuple[Pooled, ...]:
    """Every load that at least one worker finished.

    Args:
        returned: from all workers, those that were lost included.
        started_ns: when each load began, by its name, of this machine's `perf_counter_ns`; none for one that was
            interrupted before.
    """
    plans = {facts.run: plan for one in returned for facts, plan in zip(one.facts, one.plans, strict=True)}
    return tuple(_pool_run(run, plan, returned, started_ns.get(run)) for run, plan in plans.items())


def _pool_run(run: str, plan: Plan, returned: Sequence[Returned], begun_ns: int | None) -> Pooled:
    started_ns = begun_ns or next(
        facts.started_ns for one in returned for facts in one.facts if facts.run == run
    )
    came = [part for one in returned if (part := _came(run, one, started_ns)) is not None]
    rows = tuple(row for part in came for row in part.rows)
    facts = _facts(plan, came, started_ns)
    summed = load_report(facts, rows, ())
    workers = tuple(_worker_part(plan, one, came, summed.tier) for one in returned)
    invalid = [*_missing(plan, workers), *_uneven(plan, came), *_reasons(came, MeasurementVerdict.INVALID)]
    open_ = [*_reasons(came, MeasurementVerdict.INCONCLUSIVE), *_doubts(summed, workers)]
    verdict = MeasurementVerdict.INCONCLUSIVE if open_ else MeasurementVerdict.VALID
    report = dataclasses.replace(
        summed,
        verdict=MeasurementVerdict.INVALID if invalid else verdict,
        reasons=(*invalid, *open_),
        advice=_advice(workers, came) if invalid or open_ else "",
        client=_health(summed.client, [part.report.client for part in came]),
        workers=workers,
    )
    return Pooled(report, plan, rows, tuple(tick for part in came for tick in part.ticks))


def _came(run: str, returned: Returned, started_ns: int) -> _Came | None:
    facts = next((facts for facts in returned.facts if facts.run == run), None)
    if facts is None:
        return None
    shift_ns, worker = started_ns - facts.started_ns, returned.worker
    rows = tuple(_shifted(row, shift_ns, worker) for row in returned.rows if row.run == run)
    ticks = tuple(
        dataclasses.replace(tick, due_ns=tick.due_ns + shift_ns, worker=worker)
        for tick in returned.ticks
        if tick.run == run
    )
    facts = dataclasses.replace(facts, started_ns=started_ns, ended_ns=facts.ended_ns + shift_ns)
    return _Came(returned, facts, rows, ticks, load_report(facts, rows, ticks, alone=False))


def _shifted(row: RequestRow, shift_ns: int, worker: str) -> RequestRow:
    stamps = {name: getattr(row, name) for name in STAMPS}
    moved = {name: stamp + shift_ns for name, stamp in stamps.items() if stamp is not None}
    return dataclasses.replace(row, worker=worker, **moved)


def _facts(plan: Plan, came: Sequence[_Came], started_ns: int) -> RunFacts:
    """What holds for all of it; the null server's floor is each worker's own."""
    first, every = came[0].facts, [part.facts for part in came]
    warm = [facts.warmup for facts in every if facts.warmup is not None]
    hosts = len({part.returned.host for part in came})
    return dataclasses.replace(
        first,
        rate_per_s=plan.rate_per_s if plan.is_open else 0.0,
        under_way=sum(facts.under_way for facts in every),
        started_ns=started_ns,
        ended_ns=max(facts.ended_ns for facts in every),
        clock_ratio=max((facts.clock_ratio for facts in every), key=lambda ratio: abs(ratio - 1)),
        interrupted=any(facts.interrupted for facts in every),
        co_located=any(facts.co_located for facts in every),
        cores=f"{_counted(len(came), 'worker')} on {_counted(hosts, 'host')}, on no core of their own",
        floor=None,
        warmup=dataclasses.replace(
            warm[0],
            windows=max(found.windows for found in warm),
            requests=sum(found.requests for found in warm),
            stable=all(found.stable for found in warm),
        )
        if warm
        else None,
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _worker_part(plan: Plan, returned: Returned, came: Sequence[_Came], tier: str) -> WorkerPart:
    part, clock = part_of(plan, returned.part), returned.clock
    planned = len(part.arrivals_ns) if plan.is_open else part.requests or None
    mine = next((found.report for found in came if found.returned is returned), None)
    if mine is None:
        skipped = next((status.reason for status in returned.skipped if status.tier == tier), "")
        why = returned.lost or skipped or "it did not get so far"
        return WorkerPart(returned.worker, planned, why, clock.offset_s, clock.bound_s)
    return WorkerPart(
        worker=returned.worker,
        planned=planned,
        missing="",
        clock_offset_s=clock.offset_s,
        clock_bound_s=clock.bound_s,
        requests=mine.requests.planned,
        ok=mine.requests.ok,
        verdict=mine.verdict,
        reasons=mine.reasons,
        slip_p99_s=mine.client.slip_p99_s,
        lag_p99_s=mine.client.lag_p99_s,
        cpu_share=mine.client.cpu_share,
    )


def _missing(plan: Plan, workers: Sequence[WorkerPart]) -> list[str]:
    whole = f" of {len(plan.arrivals_ns)} planned" if plan.is_open else ""
    return [
        f"the share of worker {part.worker} is missing ({part.missing}): "
        + (f"{part.planned} requests{whole}" if part.planned is not None else "its callers' requests")
        for part in workers
        if part.missing
    ]


def _uneven(plan: Plan, came: Sequence[_Came]) -> list[str]:
    """Requests of these workers' parts that came back twice or not at all; it would be a fault of this program."""
    if not plan.is_open:
        return []
    seen = Counter(row.index for part in came for row in part.rows if not row.warmup)
    parts = [part.returned.part for part in came]
    due = {index for part in parts for index in range(part.number, len(plan.arrivals_ns), part.of)}
    wrong = sum(count != 1 for count in seen.values()) + len(due ^ seen.keys())
    return [f"{wrong} requests are twice or missing among the rows"] if wrong else []


def _reasons(came: Sequence[_Came], verdict: MeasurementVerdict) -> list[str]:
    return [
        f"worker {part.returned.worker}: {reason}"
        for part in came
        if part.report.verdict is verdict
        for reason in part.report.reasons
    ]


def _doubts(summed: LoadReport, workers: Sequence[WorkerPart]) -> list[str]:
    doubts = []
    if summed.p50.seconds is None:
        doubts.append(f"{summed.requests.ok} answers; a median needs {summed.p50.needs}")
    vague = max(part.clock_bound_s for part in workers)
    if vague > CLOCK_BOUND_S:
        doubts.append(
            f"clocks: known to {vague * 1e3:.0f} ms only, so the workers may not have begun together"
        )
    return doubts


def _advice(workers: Sequence[WorkerPart], came: Sequence[_Came]) -> str:
    if any(part.missing for part in workers):
        return AGAIN
    return next((part.report.advice for part in came if part.report.advice), "measure longer")


def _health(rows_only: ClientHealth, every: Sequence[ClientHealth]) -> ClientHealth:
    """Slip and pool of all rows; lag, CPU and core of the worst worker; what was under way of all together."""
    taken = [health.core_taken for health in every if health.core_taken is not None]
    taken_s = [health.core_taken_s for health in every if health.core_taken_s is not None]
    return dataclasses.replace(
        rows_only,
        lag_p99_s=max(health.lag_p99_s for health in every),
        lag_max_s=max(health.lag_max_s for health in every),
        cpu_share=max(health.cpu_share for health in every),
        core_taken=max(taken, default=None),
        core_taken_s=max(taken_s, default=None),
        in_flight=sum(health.in_flight for health in every),
        in_flight_expected=sum(health.in_flight_expected for health in every),
        ticks=sum(health.ticks for health in every),
    )
