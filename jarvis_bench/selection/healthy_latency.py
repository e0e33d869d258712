"""What a tier takes when it is well: the measure for "slow"."""

from __future__ import annotations

import math
import statistics
from collections import deque

SAMPLES = 31
ENOUGH = 5
FEWEST, MOST = 3, 600
# Half of it is longer than a container takes to start on the same machine, which slows everything there down meanwhile.
SPAN_S = 6.0


class HealthyLatency:
    """The median of a tier's healthy answers, apart for each doubling of the clip's length.

    Args:
        forget_s: a median without a healthy answer for so many seconds is forgotten, so that a tier that has become
            slower for good (another machine, a smaller limit) can come back and be measured anew.
    """

    def __init__(self, forget_s: float) -> None:
        self._forget_s = forget_s
        self._samples: dict[int, deque[float]] = {}
        self._medians: dict[int, float] = {}
        self._last_s: dict[int, float] = {}

    def add(self, clip_s: float, latency_s: float, now_s: float) -> None:
        """Note a healthy answer."""
        length = _doublings(clip_s)
        if self._is_old(length, now_s):
            self._samples.pop(length, None)
        samples = self._samples.setdefault(length, deque(maxlen=SAMPLES))
        samples.append(latency_s)
        self._last_s[length] = now_s
        self._medians[length] = statistics.median_low(samples)

    def median_s(self, clip_s: float, now_s: float) -> float | None:
        """Seconds for a clip of about that length; None below five answers."""
        length = _doublings(clip_s)
        if len(self._samples.get(length, ())) < ENOUGH or self._is_old(length, now_s):
            return None
        return self._medians[length]

    def longest_s(self, clip_s: float, now_s: float) -> float | None:
        """Seconds of the slowest answer to such a clip; None where there is none."""
        length = _doublings(clip_s)
        return None if self._is_old(length, now_s) else max(self._samples.get(length, ()), default=None)

    def _is_old(self, length: int, now_s: float) -> bool:
        return now_s - self._last_s.get(length, now_s) > self._forget_s


class RecentRatio:
    """How the answers of the last six seconds compare with the healthy median; of slow traffic, the last three."""

    def __init__(self) -> None:
        self._answers: deque[tuple[float, float, float]] = deque(maxlen=MOST)
        self._since_s: float | None = None

    def add(self, latency_s: float, healthy_s: float, now_s: float) -> None:
        """Note an answer."""
        if self._since_s is None:
            self._since_s = now_s
        while len(self._answers) >= FEWEST and self._answers[0][0] < now_s - SPAN_S:
            self._answers.popleft()
        self._answers.append((now_s, latency_s / healthy_s, latency_s - healthy_s))

    def is_above(self, ratio: float, excess_s: float) -> bool:
        """Whether their median is above both; a burst that is over within half the time is not enough."""
        if (
            len(self._answers) < FEWEST
            or self._since_s is None
            or self._answers[-1][0] - self._since_s < SPAN_S
        ):
            return False
        _, ratios, excesses = zip(*self._answers, strict=True)
        return bool(statistics.median_low(ratios) > ratio and statistics.median_low(excesses) > excess_s)

    def clear(self) -> None:
        """Begin anew."""
        self._answers.clear()
        self._since_s = None


def _doublings(clip_s: float) -> int:
    return math.frexp(max(clip_s, 0.125))[1]
