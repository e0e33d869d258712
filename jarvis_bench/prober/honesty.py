"""Whether a measurement may be quoted: it is INVALID where the client, and not the tier, made the numbers.

The limits are starting values, each from a tool that warns at it or from this project; see `LIMITS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jarvis_bench.prober.client_health import ClientHealth
from jarvis_bench.prober.facts import RunFacts
from jarvis_bench.prober.percentiles import FLOORS
from jarvis_bench.records import MeasurementVerdict


@dataclass(frozen=True, slots=True)
class HonestyLimits:
    """Where a note begins and where a measurement ends; seconds or shares of one.

    Slip: a note above 1 % of sends 1 ms late (perf_analyzer's bar), invalid above 10 ms or a tenth of the median.
    Lag: 5 and 20 ms. CPU: 75 % (aiperf) and 90 % (locust) of a core in any second. Rate: 2 %. Null server: half its
    ceiling, a twentieth of the median. Core: taken for a quarter of what the client wanted, and for a twentieth of the
    median a request. Clocks: 0.1 and 1 % (MLPerf).
    """

    late_share: float = 0.01
    slip_s: float = 0.010
    slip_of_median: float = 0.1
    lag_note_s: float = 0.005
    lag_s: float = 0.020
    cpu_note: float = 0.75
    cpu: float = 0.90
    core_taken_note: float = 0.10
    core_taken: float = 0.25
    core_taken_least_s: float = 0.03
    rate: float = 0.02
    ceiling: float = 0.5
    floor_of_median: float = 0.05
    pool_of_median: float = 0.05
    clock_note: float = 0.001
    clock: float = 0.01
    little: float = 0.25
    little_least: float = 0.5


LIMITS = HonestyLimits()
QUIETER = "keep other work off the client's core, or measure on a quieter machine"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reasons` say why it is not VALID, `notes` what else to know; `advice` is one line, empty where all is well."""

    verdict: MeasurementVerdict
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What is judged: `p50_s` is the service time's median, `achieved` over requested arrivals (None: no rate set).

    `alone`: false for a part of a larger measurement, which need not have enough answers of its own.
    """

    facts: RunFacts
    client: ClientHealth
    answered: int
    p50_s: float | None
    achieved: float | None
    completed_per_s: float
    alone: bool = True


Finding = tuple[str, str]
Rule = Callable[[Measured, HonestyLimits], Finding | None]


def judge(measured: Measured, limits: HonestyLimits = LIMITS) -> Judgement:
    """Apply all rules; the first reason gives the advice."""
    invalid = [found for rule in INVALID if (found := rule(measured, limits))]
    open_ = [found for rule in INCONCLUSIVE if (found := rule(measured, limits))]
    notes = tuple(note for rule in NOTES if (note := rule(measured, limits)))
    reasons = [*invalid, *open_]
    verdict = MeasurementVerdict.VALID
    if reasons:
        verdict = MeasurementVerdict.INVALID if invalid else MeasurementVerdict.INCONCLUSIVE
    return Judgement(verdict, tuple(text for text, _ in reasons), notes, reasons[0][1] if reasons else "")


def _pool(measured: Measured, limits: HonestyLimits) -> Finding | None:
    client, p50_s = measured.client, measured.p50_s or 0.0
    if not client.pool_waited or client.pool_wait_p99_s <= max(0.001, limits.pool_of_median * p50_s):
        return None
    connections = measured.facts.limits.connections if measured.facts.limits else 0
    text = (
        f"connection pool: {client.pool_waited} requests waited for one of the client's own {connections} "
        f"connections, p99 {_ms(client.pool_wait_p99_s)}"
    )
    return text, f"give the client at least {measured.facts.under_way} connections"


def _core(measured: Measured, limits: HonestyLimits) -> Finding | None:
    client = measured.client
    if client.core_taken is None or client.core_taken_s is None or measured.p50_s is None:
        return None
    # As much a request as the client's own cost may be; a core that is taken where nothing waits for it spoils nothing.
    allowed_s = limits.floor_of_median * measured.p50_s * measured.answered
    if client.core_taken <= limits.core_taken or client.core_taken_s <= max(
        limits.core_taken_least_s, allowed_s
    ):
        return None
    text = (
        f"client's core: something else ran on it for {client.core_taken:.0%} of the time in which the client "
        f"wanted to ({client.core_taken_s:.2f} s)"
    )
    return text, QUIETER


def _lag(measured: Measured, limits: HonestyLimits) -> Finding | None:
    client = measured.client
    if client.lag_p99_s <= limits.lag_s:
        return None
    text = f"client's loop: blocked, lag p99 {_ms(client.lag_p99_s)}, longest {_ms(client.lag_max_s)}"
    if (client.core_taken or 0.0) > limits.core_taken:
        return f"{text}, while something else had its core for {client.core_taken:.0%} of its time", QUIETER
    return text, "nothing that computes or waits may run on the prober's loop"


def _slip(measured: Measured, limits: HonestyLimits) -> Finding | None:
    slip_s = measured.client.slip_p99_s
    allowed_s = max(limits.slip_s, limits.slip_of_median * (measured.p50_s or 0.0))
    if not measured.facts.is_open or slip_s <= allowed_s:
        return None
    text = f"slip: requests were sent late, p99 {_ms(slip_s)} after they could have been (allowed {_ms(allowed_s)})"
    return text, "lower the rate, or give the client a core of its own"


def _cpu(measured: Measured, limits: HonestyLimits) -> Finding | None:
    share = measured.client.cpu_share
    if share <= limits.cpu:
        return None
    return f"client's CPU: {share:.0%} of a core in one second", "lower the rate: the client is saturated"


def _rate(measured: Measured, limits: HonestyLimits) -> Finding | None:
    achieved = measured.achieved
    if achieved is None or measured.facts.interrupted or abs(achieved - 1) <= limits.rate:
        return None
    return f"rate: {achieved:.1%} of the planned requests were sent in time", "lower the rate"


def _ceiling(measured: Measured, limits: HonestyLimits) -> Finding | None:
    facts, floor = measured.facts, measured.facts.floor
    if floor is None:
        return None
    rate = max(facts.rate_per_s, measured.completed_per_s)
    if rate <= limits.ceiling * floor.ceiling_per_s:
        return None
    text = f"client-bound: {rate:.0f} requests/s of at most {floor.ceiling_per_s:.0f} against a null server"
    return text, "lower the rate below half of what the client reaches against a null server"


def _floor(measured: Measured, limits: HonestyLimits) -> Finding | None:
    floor, p50_s = measured.facts.floor, measured.p50_s
    if floor is None or p50_s is None or floor.p50_s <= limits.floor_of_median * p50_s:
        return None
    text = f"client-bound: {_ms(floor.p50_s)} of the median {_ms(p50_s)} are the client's own (null server)"
    return text, "a tier this fast needs a lighter client"


def _clock(measured: Measured, limits: HonestyLimits) -> Finding | None:
    off = abs(measured.facts.clock_ratio - 1)
    if off <= limits.clock:
        return None
    return f"clock: monotonic and wall time differ by {off:.1%}", "check the machine's clock"


def _little(measured: Measured, limits: HonestyLimits) -> Finding | None:
    seen, expected = measured.client.in_flight, measured.client.in_flight_expected
    if abs(seen - expected) <= max(limits.little_least, limits.little * expected):
        return None
    text = f"Little's law: {seen:.1f} requests under way were seen, {expected:.1f} follow from the rows"
    return text, "stamps or rows are wrong; report this as a fault of the prober"


def _interrupted(measured: Measured, limits: HonestyLimits) -> Finding | None:
    return ("interrupted before its end", "run it again") if measured.facts.interrupted else None


def _samples(measured: Measured, limits: HonestyLimits) -> Finding | None:
    if measured.answered >= FLOORS[50] or not measured.alone:
        return None
    return f"{measured.answered} answers; a median needs {FLOORS[50]}", "measure longer"


def _warmup(measured: Measured, limits: HonestyLimits) -> Finding | None:
    warmup = measured.facts.warmup
    if warmup is None or warmup.stable:
        return None
    text = f"warm-up: not stable within 10 % after {warmup.windows} windows"
    return text, "quiet the machine, or measure longer"


def _uncalibrated(measured: Measured, limits: HonestyLimits) -> Finding | None:
    if measured.facts.floor is not None or measured.facts.interrupted:
        return None
    return "no calibration against a null server", "run it again"


def _late_note(measured: Measured, limits: HonestyLimits) -> str:
    share = measured.client.late_share
    noted = measured.facts.is_open and share > limits.late_share
    return f"{share:.1%} of the requests were sent more than 1 ms late" if noted else ""


def _lag_note(measured: Measured, limits: HonestyLimits) -> str:
    lag_s = measured.client.lag_p99_s
    return f"the client's loop lagged, p99 {_ms(lag_s)}" if lag_s > limits.lag_note_s else ""


def _cpu_note(measured: Measured, limits: HonestyLimits) -> str:
    share = measured.client.cpu_share
    return f"the client used {share:.0%} of a core in one second" if share > limits.cpu_note else ""


def _core_note(measured: Measured, limits: HonestyLimits) -> str:
    taken = measured.client.core_taken or 0.0
    return (
        f"something else had the client's core for {taken:.0%} of its time"
        if taken > limits.core_taken_note
        else ""
    )


def _first_note(measured: Measured, limits: HonestyLimits) -> str:
    warmup = measured.facts.warmup
    if warmup is None or not warmup.first_s or not warmup.p50_s or warmup.first_s <= 2 * warmup.p50_s:
        return ""
    return f"the first request took {_ms(warmup.first_s)}, {warmup.first_s / warmup.p50_s:.1f} × the steady median"


def _clock_note(measured: Measured, limits: HonestyLimits) -> str:
    off = abs(measured.facts.clock_ratio - 1)
    return f"monotonic and wall time differ by {off:.2%}" if off > limits.clock_note else ""


def _place_note(measured: Measured, limits: HonestyLimits) -> str:
    return f"co-located: {measured.facts.cores}" if measured.facts.co_located else ""


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms"


# The most telling first: a pool or a taken core shows as slip, too.
INVALID: tuple[Rule, ...] = (_pool, _core, _lag, _cpu, _slip, _rate, _ceiling, _floor, _clock, _little)
INCONCLUSIVE: tuple[Rule, ...] = (_interrupted, _samples, _warmup, _uncalibrated)
NOTES = (_place_note, _first_note, _late_note, _lag_note, _cpu_note, _core_note, _clock_note)
