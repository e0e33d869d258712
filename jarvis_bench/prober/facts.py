"""What holds for a whole load test beside its rows: what was asked for, and what surrounded it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.tiers.service_client import ClientLimits


@dataclass(frozen=True, slots=True)
class NullFloor:
    """The same client with the same bodies against a server that does no work, in the same session.

    `p50_s`, `p99_s`: its service time at the rate of the test (None below the percentile's floor); `cpu_share`: of one
    core, at that rate; `rate_per_s`: that rate as it was reached; `ceiling_per_s`: the most, in a closed loop.
    """

    requests: int
    rate_per_s: float
    p50_s: float
    p99_s: float | None
    cpu_share: float
    ceiling_per_s: float


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Requests before the timed ones, in windows until three in a row agree within 10 %.

    `first_s`: service time of the very first request; `p50_s`: the median of the last window.
    """

    windows: int
    requests: int
    stable: bool
    first_s: float | None
    p50_s: float | None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One load on one tier with clips of one length.

    `run` is the key of its rows; `load` names the load (`single`, `open-poisson 12.5/s`); `share`: its rate as a share
    of the tier's measured peak, where it was chosen so. `under_way`: requests that the plan lets be under way at once.
    `started_ns`, `ended_ns`: start and planned end, `perf_counter_ns`; `clock_ratio`: monotonic over wall time.
    `cores`: where client and tier ran; `co_located`: on the same host. `how`: `measured` or `emulated`.
    """

    tier: str
    runtime: str
    clip_s: float
    seed: int
    cores: str
    co_located: bool
    how: str = "measured"
    run: str = ""
    load: str = ""
    scenario: str = ""
    duration_s: float = 0.0
    rate_per_s: float = 0.0
    under_way: int = 1
    started_ns: int = 0
    ended_ns: int = 0
    clock_ratio: float = 1.0
    interrupted: bool = False
    share: float | None = None
    limits: ClientLimits | None = None
    floor: NullFloor | None = None
    warmup: WarmUp | None = None

    @property
    def is_open(self) -> bool:
        """Whether its requests came at planned times."""
        return self.rate_per_s > 0


@dataclass(frozen=True, slots=True)
class WorkerPart:
    """One worker's part of a load; all but the first four are None where the part is missing.

    `planned`: its requests, None for a closed loop, whose number nobody knows before; `missing`: why its rows did not
    come, empty where they did; `clock_offset_s`: its wall clock minus this machine's, known to `clock_bound_s`.
    """

    worker: str
    planned: int | None
    missing: str
    clock_offset_s: float
    clock_bound_s: float
    requests: int | None = None
    ok: int | None = None
    verdict: MeasurementVerdict | None = None
    reasons: tuple[str, ...] = ()
    slip_p99_s: float | None = None
    lag_p99_s: float | None = None
    cpu_share: float | None = None


def facts_from_fields(fields: dict[str, Any]) -> RunFacts:
    """The facts that `dataclasses.asdict` made plain."""
    nested = {"limits": ClientLimits, "floor": NullFloor, "warmup": WarmUp}
    made = {name: kind(**fields[name]) for name, kind in nested.items() if fields.get(name) is not None}
    return RunFacts(**{**fields, **made})
