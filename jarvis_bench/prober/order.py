"""What a measurement is asked to do: which loads, on which tiers, with clips of which lengths."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from jarvis_bench.errors import UsageError
from jarvis_bench.prober.plan import FIND_PEAK, WHOLE, Part, Plan, Seeds, from_fields, make_plan
from jarvis_bench.tiers.named import check_tier_name


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """One load.

    Args:
        plan: of it; where `share` is set, its rate follows from the tier's peak.
        share: of the tier's measured peak, 0 for the plan's own rate.
        clip_seconds: only clips of this length; None for all of the measurement.
        replay: take the plan's arrivals as they are.
    """

    plan: Plan
    share: float = 0.0
    clip_seconds: float | None = None
    replay: bool = False


@dataclass(frozen=True, slots=True)
class MeasurementOrder:
    """All loads of one measurement; each tier gets the same.

    Args:
        tiers: their names or URLs.
        loads: in this order.
        clip_seconds: lengths of `data/clips`.
        runtime: of the local tier; None for the settings' one.
        seed: of everything that is drawn.
        connections: of the client; None for as many as the plan needs.
        warmup_requests: in one window of the warm-up; also the most clips of a length that are sent in turns.
        grace_s: how long requests under way at the end are waited for, in seconds.
        part: of each load that is this process's.
        together: begin each load when the caller says so, at one time with other processes.
    """

    tiers: tuple[str, ...]
    loads: tuple[LoadOrder, ...]
    clip_seconds: tuple[float, ...] = (3.0,)
    runtime: str | None = None
    seed: int = 1
    connections: int | None = None
    warmup_requests: int = 8
    grace_s: float = 30.0
    part: Part = WHOLE
    together: bool = False


def check_order(order: MeasurementOrder) -> None:
    """Fail on what cannot be measured, before anything is started.

    Raises:
        UsageError: no tier or load, a tier of no such name, or a plan that is none.
    """
    if not order.tiers or not order.loads or not order.clip_seconds or order.warmup_requests < 1:
        raise UsageError("nothing to measure: name a tier, a load and a clip length")
    for name in order.tiers:
        check_tier_name(name)
    for load in order.loads:
        rate = load.share or load.plan.rate_per_s
        make_plan(dataclasses.replace(load.plan, rate_per_s=rate))
        if load.share and not any(other.plan.scenario == FIND_PEAK for other in order.loads):
            raise UsageError("a share of the peak needs the load find-peak before it")


def seeds_of(seed: int) -> Seeds:
    """The four seeds that follow from one."""
    return Seeds(seed, seed, seed, seed)


def order_from_fields(fields: dict[str, Any]) -> MeasurementOrder:
    """The order that `dataclasses.asdict` made plain."""
    loads = tuple(LoadOrder(**{**load, "plan": from_fields(load["plan"])}) for load in fields["loads"])
    lists = {name: tuple(fields[name]) for name in ("tiers", "clip_seconds")}
    return MeasurementOrder(**{**fields, **lists, "loads": loads, "part": Part(**fields["part"])})
