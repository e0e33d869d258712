"""One load test summed up: computed from its rows, its ticks and its facts, and from nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jarvis_bench.prober.client_health import ClientHealth, client_health
from jarvis_bench.prober.facts import RunFacts, WorkerPart
from jarvis_bench.prober.honesty import Measured, judge
from jarvis_bench.prober.percentiles import FLOORS, Percentile, effective_samples, percentile
from jarvis_bench.prober.rows import ClientTick, Outcome, RequestRow
from jarvis_bench.records import MeasurementVerdict

# The same dtype gives the same vector; a marked clip differs by the last bit of a few samples.
COSINE_FLOOR = 0.999
GOOD_WITHIN_S = 1.0
STAGES = ("pool_wait_s", "connect_s", "decode_s", "queue_s", "model_s")


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """What became of the planned requests; planned = ok + failed + dropped + censored."""

    planned: int
    sent: int
    ok: int
    failed: int
    dropped: int
    censored: int


@dataclass(frozen=True, slots=True)
class Rates:
    """A second: arrivals as planned, arrivals as sent in time, and answers that came (requested 0: a closed loop)."""

    requested: float
    achieved: float
    completed: float


@dataclass(frozen=True, slots=True)
class Goodput:
    """The share of planned requests with a right answer within `within_s` of their plan, and how many a second."""

    within_s: float
    share: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Checked:
    """Answers of the timed run compared with the tier's own earlier ones; `wrong` have a cosine below 0.999."""

    answers: int
    cosine_min: float | None
    wrong: int


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """Whether a condition held; `met` is false, too, where it cannot be known, and `measured` says why."""

    threshold: str
    met: bool
    measured: str


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One load on one tier.

    `response_s` (from the plan) and `service_s` (from sending) by percentile in seconds, null below its floor of
    samples; `response`, `service`: the same with floors and bounds. `failures` by cause. `stages_s`: medians of what
    client and tier say of their parts, `first_byte_s` from sending, `outside_s` the service time that the tier does
    not account for. `instances` that answered, `cold`: answers that were the first of their instance. `workers`: of the
    cluster that measured, each with its own verdict; none where this machine measured alone.
    """

    tier: str
    runtime: str
    load: str
    clip_s: float
    verdict: MeasurementVerdict
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    advice: str
    response_s: dict[str, float | None]
    service_s: dict[str, float | None]
    requests: RequestCounts
    rate: Rates
    goodput: Goodput
    failures: dict[str, int]
    response: tuple[Percentile, ...]
    service: tuple[Percentile, ...]
    samples_effective: float
    stages_s: dict[str, float]
    checked: Checked
    instances: int
    cold: int
    client: ClientHealth
    facts: RunFacts
    thresholds: tuple[ThresholdResult, ...] = ()
    workers: tuple[WorkerPart, ...] = ()

    @property
    def p50(self) -> Percentile:
        """The median of the service time."""
        return self.service[0]


def load_report(
    facts: RunFacts,
    rows: Sequence[RequestRow],
    ticks: Sequence[ClientTick],
    *,
    within_s: float = GOOD_WITHIN_S,
    alone: bool = True,
) -> LoadReport:
    """Sum one run up.

    Args:
        facts: of the run.
        rows: all of it; those of the warm-up do not count.
        ticks: of the client.
        within_s: what counts as a good answer's response time.
        alone: false for one worker's part of a larger measurement.
    """
    timed = [row for row in rows if not row.warmup]
    good = [row for row in timed if row.ok]
    response, service = _percentiles(timed)
    client, rates = client_health(timed, ticks), _rates(facts, timed)
    achieved = rates.achieved / rates.requested if rates.requested else None
    found = judge(Measured(facts, client, len(good), service[0].seconds, achieved, rates.completed, alone))
    checked = _checked(good)
    return LoadReport(
        tier=facts.tier,
        runtime=facts.runtime,
        load=facts.load,
        clip_s=facts.clip_s,
        verdict=found.verdict,
        reasons=found.reasons,
        notes=(*found.notes, *_notes(timed, checked)),
        advice=found.advice,
        response_s={p.name: p.seconds for p in response},
        service_s={p.name: p.seconds for p in service},
        requests=_counts(timed),
        rate=rates,
        goodput=_goodput(facts, timed, within_s),
        failures=dict(Counter(row.cause or "unknown" for row in timed if row.outcome == Outcome.FAILED)),
        response=response,
        service=service,
        samples_effective=effective_samples([row.response_s for row in good]),
        stages_s=_stages(good),
        checked=checked,
        instances=len({row.instance_id for row in good} - {None}),
        cold=sum(row.request_index == 0 for row in good),
        client=client,
        facts=facts,
    )


def reports(
    facts: Sequence[RunFacts], rows: Sequence[RequestRow], ticks: Sequence[ClientTick]
) -> tuple[LoadReport, ...]:
    """One for each run, in the order of the facts."""
    by_run: dict[str, tuple[list[RequestRow], list[ClientTick]]] = {fact.run: ([], []) for fact in facts}
    for row in rows:
        if row.run in by_run:
            by_run[row.run][0].append(row)
    for tick in ticks:
        if tick.run in by_run:
            by_run[tick.run][1].append(tick)
    return tuple(load_report(fact, *by_run[fact.run]) for fact in facts)


def quoted(report: LoadReport) -> bool:
    """Whether its figures may stand in a table or a picture without a mark."""
    return report.verdict is not MeasurementVerdict.INVALID


def _percentiles(timed: Sequence[RequestRow]) -> tuple[tuple[Percentile, ...], tuple[Percentile, ...]]:
    """Of answers; what was given up or ran into a time-out counts as longer than its age."""
    good = [row for row in timed if row.ok]
    late = [row for row in timed if is_given_up(row)]
    response_s, service_s = [row.response_s for row in good], _known([row.service_s for row in good])
    late_response_s, late_service_s = (
        [row.response_s for row in late],
        _known([row.service_s for row in late]),
    )
    return (
        tuple(percentile(response_s, p, late_response_s) for p in FLOORS),
        tuple(percentile(service_s, p, late_service_s) for p in FLOORS),
    )


def is_given_up(row: RequestRow) -> bool:
    """Whether its latency is only known to exceed its age; what Ctrl-C kept from being sent has none."""
    if row.outcome in {Outcome.DROPPED, Outcome.CENSORED}:
        return row.cause != "interrupted"
    return row.outcome == Outcome.FAILED and row.cause == "timeout"


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _counts(timed: Sequence[RequestRow]) -> RequestCounts:
    count = Counter(row.outcome for row in timed)
    return RequestCounts(
        planned=len(timed),
        sent=sum(row.sent_ns is not None for row in timed),
        ok=count[Outcome.OK],
        failed=count[Outcome.FAILED],
        dropped=count[Outcome.DROPPED],
        censored=count[Outcome.CENSORED],
    )


def _rates(facts: RunFacts, timed: Sequence[RequestRow]) -> Rates:
    seconds = _seconds(facts, timed)
    completed = sum(row.ok and row.ended_ns <= facts.ended_ns for row in timed) / seconds
    if not facts.is_open:
        return Rates(0.0, sum(row.sent_ns is not None for row in timed) / seconds, completed)
    # A tenth of a second of debt at the very end is latency, not a lower rate.
    limit_ns = facts.ended_ns + 100_000_000
    sent = sum(row.sent_ns is not None and row.sent_ns <= limit_ns for row in timed)
    return Rates(len(timed) / seconds, sent / seconds, completed)


def _seconds(facts: RunFacts, timed: Sequence[RequestRow]) -> float:
    """The span of the test; that of a closed loop ends with its last request where that came first."""
    last_ns = max((row.ended_ns for row in timed), default=facts.ended_ns)
    end_ns = facts.ended_ns if facts.is_open else min(facts.ended_ns, last_ns)
    return max(1e-9, (end_ns - facts.started_ns) / 1e9)


def _goodput(facts: RunFacts, timed: Sequence[RequestRow], within_s: float) -> Goodput:
    right = sum(row.ok and row.response_s <= within_s and not _is_wrong(row) for row in timed)
    return Goodput(within_s, right / max(1, len(timed)), right / _seconds(facts, timed))


def _is_wrong(row: RequestRow) -> bool:
    return row.cosine is not None and row.cosine < COSINE_FLOOR


def _checked(good: Sequence[RequestRow]) -> Checked:
    cosines = _known([row.cosine for row in good])
    return Checked(len(cosines), min(cosines, default=None), sum(_is_wrong(row) for row in good))


def _stages(good: Sequence[RequestRow]) -> dict[str, float]:
    values: Mapping[str, list[float]] = {
        name: _known([getattr(row, name) for row in good]) for name in STAGES
    }
    first_s = [(row.first_byte_ns - row.sent_ns) / 1e9 for row in good if row.first_byte_ns and row.sent_ns]
    outside_s = [
        row.service_s - sum(part or 0.0 for part in (row.decode_s, row.queue_s, row.model_s))
        for row in good
        if row.model_s is not None and row.service_s is not None
    ]
    named = {**values, "first_byte_s": first_s, "outside_s": outside_s}
    return {name: sorted(found)[(len(found) - 1) // 2] for name, found in named.items() if found}


def _notes(timed: Sequence[RequestRow], checked: Checked) -> list[str]:
    notes = []
    failed = sum(row.outcome == Outcome.FAILED for row in timed)
    if failed:
        notes.append(f"{failed} of {len(timed)} requests failed; latency is that of the others")
    if checked.wrong:
        notes.append(
            f"{checked.wrong} of {checked.answers} compared answers were wrong (cosine below {COSINE_FLOOR})"
        )
    held = sum(row.ready_ns > row.planned_ns or row.cause == "no-caller-free" for row in timed)
    if held:
        notes.append(f"{held} requests waited for a free caller: the tier held all of them up")
    return notes
