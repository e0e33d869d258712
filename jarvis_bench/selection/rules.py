"""When a tier is left and when it is taken back, as numbers; and what a failure says about a tier."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jarvis_bench.records import Status, TierStatus

# Whoever says this will not serve the next request either.
AT_ONCE = frozenset({"unreachable", "connection-refused", "container-died", "worker-died", "out-of-memory"})


@dataclass(frozen=True, slots=True)
class Rules:
    """Leave fast, return slowly; all times in seconds.

    Args:
        deadline_s: for a request whose caller sets none.
        failures: so many failures or time-outs in a row, and the tier is left.
        slow_ratio: left when the median of its last answers is above so many times its own healthy median.
        slow_excess_s: and above it by at least this, so that the noise of fast answers counts for nothing.
        patience_ratio: a request is tried elsewhere after so many healthy medians without any answer of its tier,
        patience_floor_s: but never sooner than this;
        patience_s: and after this where no healthy median is known, or sooner where its few answers were quick.
        good_probes: so many good trials before a tier is taken back,
        good_over_s: over at least this time,
        good_ratio: their median below so many times its own healthy median.
        good_excess_s: or not above it by more than this.
        back_off_s: before the first trial of a tier that was left; doubled each time it fails again soon,
        back_off_most_s: up to this.
        settled_s: after so long without leaving, the back-off begins anew.
        probe_every_s: between two probes of a tier that costs nothing.
        probe_timeout_s: for one probe or one trial.
        trial_every_s: between two trials; of a paid tier, half the time of `good_over_s`.
        idle_every_s: a tier that serves nobody embeds the known clip so often.
        paid_idle_every_s: an idle paid tier is asked so often.
        busy_s: how long a tier counts as busy that does not say until when; doubled each time,
        busy_most_s: up to this.
        forget_s: a healthy median without a healthy answer for so long is forgotten.
        retry_share: retries beyond the first failover, as a share of the requests,
        retry_per_s: and so many a second on top; saved up for two seconds at most.
    """

    deadline_s: float = 10.0
    failures: int = 2
    slow_ratio: float = 3.0
    slow_excess_s: float = 0.1
    patience_ratio: float = 8.0
    patience_floor_s: float = 0.75
    patience_s: float = 2.0
    good_probes: int = 3
    good_over_s: float = 10.0
    good_ratio: float = 1.5
    good_excess_s: float = 0.05
    back_off_s: float = 15.0
    back_off_most_s: float = 120.0
    settled_s: float = 60.0
    probe_every_s: float = 2.0
    probe_timeout_s: float = 2.0
    trial_every_s: float = 2.0
    idle_every_s: float = 10.0
    paid_idle_every_s: float = 900.0
    busy_s: float = 1.0
    busy_most_s: float = 30.0
    forget_s: float = 600.0
    retry_share: float = 0.2
    retry_per_s: float = 10.0


class Signal(StrEnum):
    """What a failure means for the tier that it comes from."""

    DEAD = "dead"  # leave at once
    FAILED = "failed"  # leave after some of them
    BUSY = "busy"  # come back when it says so
    STARTING = "starting"  # come back when a probe finds it ready
    MISCONFIGURED = "misconfigured"  # asking again is of no use until somebody changes something


def read_signal(status: TierStatus) -> Signal | None:
    """What a status says; None where it says that all is well."""
    match status.status:
        case Status.READY:
            return None
        case Status.STOPPED | Status.NOT_INSTALLED:
            return Signal.DEAD
        case Status.MISCONFIGURED:
            return Signal.MISCONFIGURED
        case Status.STARTING:
            return Signal.STARTING
        case Status.BUSY:
            # A deadline missed is a time-out, whoever noticed it first.
            return Signal.FAILED if status.cause == "deadline" else Signal.BUSY
        case Status.BROKEN:
            return Signal.DEAD if status.cause in AT_ONCE else Signal.FAILED
