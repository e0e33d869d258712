"""How far the clock of another machine is from this one's, from round trips, with a bound that holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One question for the time, in nanoseconds of the wall clocks: asked and answered here, read there."""

    asked_ns: int
    read_ns: int
    answered_ns: int


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """The other clock minus this one, in seconds, give or take `bound_s`; of the shortest of `trips` round trips."""

    offset_s: float
    bound_s: float
    trips: int


def clock_offset(trips: Iterable[RoundTrip]) -> ClockOffset:
    """The estimate of the shortest trip: the time was read at some moment of it, so half of it bounds the error.

    Args:
        trips: at least one.
    """
    known = list(trips)
    best = min(known, key=lambda trip: trip.answered_ns - trip.asked_ns)
    middle_ns = (best.asked_ns + best.answered_ns) / 2
    return ClockOffset((best.read_ns - middle_ns) / 1e9, (best.answered_ns - best.asked_ns) / 2e9, len(known))
