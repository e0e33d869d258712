"""What a measurement of faults is told, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SwitchingPlan:
    """What is asked and what goes wrong; all times in seconds.

    Args:
        faults: names in `FAULTS`, one run each.
        rate_per_s: requests a second, planned ahead, of clips of 1 s;
        share_most: but no more than keep the first tier busy for this share of the time, so that a slow machine shows
            what a fault costs, and not what too much work does.
        calm_s: before the fault.
        fault_s: from the fault to its cure.
        after_s: from the cure to the end of the run.
        back_off_s: of the router before its first trial.
        good_over_s: over which its trials have to be good.
        first: the tier to which the faults happen: `service` (a process of our service), `docker`, or `auto`, which is
            Docker where an engine is up.
        threads: of the model in each tier; more than one on a host where one core cannot keep up with the rate.
    """

    faults: tuple[str, ...] = ("killed", "frozen", "slowed", "restarted")
    rate_per_s: float = 10.0
    calm_s: float = 3.0
    fault_s: float = 4.0
    after_s: float = 30.0
    back_off_s: float = 15.0
    good_over_s: float = 10.0
    first: str = "service"
    share_most: float = 0.5
    threads: int = 1


@dataclass(frozen=True, slots=True)
class SwitchedRequest:
    """One request of a run.

    `planned_s`: since the run began; `waited_s`: last byte minus planned; `right`: whether it is the embedding that
    the first tier gave before any fault (cosine at least 0.999).
    """

    fault: str
    index: int
    planned_s: float
    waited_s: float
    tier: str | None
    attempts: int
    right: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class RunSwitch:
    """One switch of a run, in seconds since it began."""

    fault: str
    at_s: float
    left: str | None
    taken: str | None
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class SwitchingFacts:
    """What holds for the whole measurement.

    `tiers` in the order in which they are preferred; `planned` and `sent` requests; `rate_per_s`: at which they came;
    `alone_s`: what the first tier takes for a clip when it has nothing else to do, median in seconds; None where it was
    not measured.
    """

    plan: SwitchingPlan
    tiers: tuple[str, ...]
    switches: tuple[RunSwitch, ...]
    sent: int
    planned: int
    rate_per_s: float
    alone_s: float | None = None


def switching_facts(fields: Mapping[str, Any]) -> SwitchingFacts:
    """The facts as they come back from JSON."""
    plan = dict(fields["plan"])
    return SwitchingFacts(
        plan=SwitchingPlan(**plan | {"faults": tuple(plan["faults"])}),
        tiers=tuple(fields["tiers"]),
        switches=tuple(RunSwitch(**switch) for switch in fields["switches"]),
        sent=fields["sent"],
        planned=fields["planned"],
        rate_per_s=fields["rate_per_s"],
        alone_s=fields["alone_s"],
    )
