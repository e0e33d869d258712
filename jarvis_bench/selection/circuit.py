"""One small state machine a tier: closed (serves), open (left), half-open (on trial).

All signals about a tier end here: every request, every probe, every event of its engine. It does nothing by
itself: it is told what happened, reads the clock, and can be asked whether the tier may serve.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from enum import StrEnum

from jarvis_bench.records import Status, TierStatus
from jarvis_bench.selection.healthy_latency import HealthyLatency, RecentRatio
from jarvis_bench.selection.rules import Rules, Signal, read_signal
from jarvis_bench.selection.trial_clip import Sighting

# Sums of seconds are not exact.
ROUNDING_S = 1e-6


class State(StrEnum):
    """Whether a tier serves."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Circuit:
    """What is known about one tier.

    Args:
        tier: its name.
        title: its name in a sentence.
        rules: the numbers.
        clock: seconds that only rise.
    """

    def __init__(self, tier: str, title: str, rules: Rules, clock: Callable[[], float]) -> None:
        self.tier, self.title = tier, title
        self.how = "measured"
        self._rules, self._clock = rules, clock
        self.state = State.OPEN
        self.epoch = 0
        self.since_s = clock()
        self.not_before_s = self.busy_until_s = self.since_s
        self.last_ok_s: float | None = None
        self.last_contact_s = self.since_s
        self.said_until = False
        self.left: TierStatus | None = None
        self.probed = TierStatus(tier, Status.STARTING, "not-asked", f"{title}: not asked yet")
        self._healthy = HealthyLatency(rules.forget_s)
        self._recent = RecentRatio()
        self._failures = self._bad_probes = 0
        self._back_off_s = self._busy_s = 0.0
        self._good: list[tuple[float, float | None]] = []
        self._good_since_s = self.since_s
        self._one_will_do = False

    def usable(self) -> bool:
        """Whether requests go to it as a matter of course."""
        return self.state is State.CLOSED and not self.busy()

    def busy(self) -> bool:
        """Whether it wants to be left alone for a while."""
        return self._clock() < self.busy_until_s

    def askable(self) -> bool:
        """Whether it may be asked where nothing else is left: a Retry-After is kept, our own guess is not."""
        return not (self.said_until and self.busy())

    def promising(self) -> bool:
        """Whether a request that fails elsewhere has a fair chance here."""
        return self.state is not State.OPEN or self.probed.status is Status.READY

    @property
    def status(self) -> TierStatus:
        """What it is now, in the words of a probe."""
        if self.state is State.CLOSED:
            return self.left if self.left is not None and self.busy() else self.probed
        if self.state is State.HALF_OPEN:
            return TierStatus(self.tier, Status.READY, "on-trial", f"{self.title}: answers again, on trial")
        return self.left if self.left is not None and self.probed.status is Status.READY else self.probed

    def patience_s(self, clip_s: float) -> float:
        """How long to wait for it before a request is tried elsewhere, in seconds."""
        rules, now_s = self._rules, self._clock()
        healthy_s = self._healthy.median_s(clip_s, now_s)
        if healthy_s is not None:
            return max(rules.patience_floor_s, rules.patience_ratio * healthy_s)
        unknown_s = rules.patience_s + 0.25 * max(0.0, clip_s - 1.0)
        # A few answers are no median, but whoever gave them in no time has something to keep up.
        longest_s = self._healthy.longest_s(clip_s, now_s)
        if longest_s is None:
            return unknown_s
        return min(unknown_s, max(rules.patience_floor_s, rules.patience_ratio * longest_s))

    def healthy_s(self, clip_s: float) -> float | None:
        """Its own healthy median for such clips, in seconds."""
        return self._healthy.median_s(clip_s, self._clock())

    def admit(self, status: TierStatus, sighting: Sighting | None, clip_s: float) -> None:
        """Take over what start-up found: a ready tier serves at once."""
        self.probed = status
        if read_signal(status) is None:
            self._close()
            if sighting is not None:
                self._healthy.add(clip_s, sighting.seconds, self._clock())
        else:
            self.left = status

    def succeeded(self, latency_s: float, clip_s: float, epoch: int) -> None:
        """A request that was sent in that epoch has been answered well."""
        now_s = self.last_contact_s = self._clock()
        if epoch != self.epoch:
            return
        self.last_ok_s = now_s
        self._failures = self._bad_probes = 0
        if self.state is not State.CLOSED:
            self._gather(latency_s, clip_s)
            return
        healthy_s = self._healthy.median_s(clip_s, now_s)
        if healthy_s is None:
            self._healthy.add(clip_s, latency_s, now_s)
            return
        self._recent.add(latency_s, healthy_s, now_s)
        if not self._is_slow(latency_s, healthy_s):
            self._healthy.add(clip_s, latency_s, now_s)
        elif self._recent.is_above(self._rules.slow_ratio, self._rules.slow_excess_s):
            self._leave(self._slow(latency_s, healthy_s))

    def failed(self, status: TierStatus, retry_after_s: float | None, epoch: int) -> None:
        """A request that was sent in that epoch has not been answered."""
        self.last_contact_s = self._clock()
        if epoch == self.epoch:
            self._judge(status, retry_after_s, count=self._count_failure)

    def note_probe(self, status: TierStatus) -> None:
        """A probe has been answered; while requests are, their word counts for more."""
        self.last_contact_s = now_s = self._clock()
        if read_signal(status) is None:
            self.probed, self._bad_probes = status, 0
            return
        served = self.last_ok_s is not None and now_s - self.last_ok_s < 2 * self._rules.probe_every_s
        if self.state is State.CLOSED and served:
            self._bad_probes += 1
            if self._bad_probes < self._rules.failures:
                return
        self.probed = status
        self._judge(status, None, count=self._count_probe)

    def note_event(self, status: TierStatus) -> None:
        """The engine has said something about the tier, such as that its container died."""
        if read_signal(status) is not None:
            self.probed = status
            self._judge(status, None, count=self._leave)

    def trial_due(self) -> bool:
        """Whether it should be tried now."""
        ready = self.state is not State.CLOSED and self.probed.status is Status.READY
        return ready and self._clock() >= self.not_before_s - ROUNDING_S and not self.busy()

    def note_trial(self, sighting: Sighting, clip_s: float) -> None:
        """A trial has ended, well or not."""
        self.last_contact_s = self._clock()
        if self.state is State.CLOSED:
            return
        if sighting.status is None:
            self.last_ok_s = self._clock()
            self._gather(sighting.seconds, clip_s)
        else:
            was_open = self.state is State.OPEN
            self._judge(sighting.status, sighting.retry_after_s, count=self._leave)
            if was_open and read_signal(sighting.status) not in (Signal.BUSY, Signal.STARTING):
                self._wait_longer()

    def _judge(
        self, status: TierStatus, retry_after_s: float | None, *, count: Callable[[TierStatus], None]
    ) -> None:
        match read_signal(status):
            case Signal.BUSY:
                self._rest(status, retry_after_s)
            case Signal.STARTING:
                self._await_start(status, retry_after_s)
            case Signal.DEAD | Signal.MISCONFIGURED:
                self._leave(status)
            case _:
                count(status)

    def _count_failure(self, status: TierStatus) -> None:
        self._failures += 1
        if self.state is not State.CLOSED or self._failures >= self._rules.failures:
            self._leave(status)

    def _count_probe(self, status: TierStatus) -> None:
        self._bad_probes += 1
        if self.state is not State.CLOSED or self._bad_probes >= self._rules.failures:
            self._leave(status)

    def _rest(self, status: TierStatus, retry_after_s: float | None) -> None:
        """Busy until; that is no fault, and it comes back without a trial."""
        now_s, rules = self._clock(), self._rules
        again = now_s - self.busy_until_s < rules.settled_s and self._busy_s > 0
        self._busy_s = min(rules.busy_most_s, 2 * self._busy_s) if again else rules.busy_s
        self.said_until = retry_after_s is not None
        # Longer than to the next probe, so that a tier whose probes say busy does not come back between two of them.
        guess_s = max(self._busy_s, 1.5 * rules.probe_every_s) if self.probed is status else self._busy_s
        self.busy_until_s = now_s + (guess_s if retry_after_s is None else retry_after_s)
        self.left = status

    def _await_start(self, status: TierStatus, retry_after_s: float | None) -> None:
        """Not ready yet: no fault either, but it has to be seen ready once before it serves."""
        was = self.state
        self._open(status)
        if was is State.CLOSED:
            self._one_will_do = True
            self.not_before_s = self._clock() + (retry_after_s or 0.0)

    def _leave(self, status: TierStatus) -> None:
        """Open, and wait longer than the last time if that was not long ago."""
        fresh = self.state is not State.OPEN or self._one_will_do
        self._open(status)
        self._one_will_do = False
        if fresh:
            self._wait_longer()

    def _wait_longer(self) -> None:
        rules = self._rules
        self._back_off_s = min(rules.back_off_most_s, max(rules.back_off_s, 2 * self._back_off_s))
        self.not_before_s = self._clock() + self._back_off_s

    def _open(self, status: TierStatus) -> None:
        if self.state is State.CLOSED and self._clock() - self.since_s >= self._rules.settled_s:
            self._back_off_s = 0.0
        self.left = status
        self._good.clear()
        self._recent.clear()
        self._failures = self._bad_probes = 0
        if self.state is not State.OPEN:
            self.state, self.since_s, self.epoch = State.OPEN, self._clock(), self.epoch + 1

    def _gather(self, latency_s: float, clip_s: float) -> None:
        """One more good answer of a tier that was left."""
        now_s = self._clock()
        if self.state is State.OPEN:
            self.state, self.since_s = State.HALF_OPEN, now_s
        if not self._good:
            self._good_since_s = now_s
        self._good.append((latency_s, self._healthy.median_s(clip_s, now_s)))
        over_s = now_s - self._good_since_s + ROUNDING_S
        if not self._one_will_do and (
            len(self._good) < self._rules.good_probes or over_s < self._rules.good_over_s
        ):
            return
        if self._one_will_do or self._was_quick():
            self._close()
        else:
            self._leave(self._slow(latency_s, self._good[-1][1] or 0.0))

    def _was_quick(self) -> bool:
        excesses = [
            latency_s - max(healthy_s * self._rules.good_ratio, healthy_s + self._rules.good_excess_s)
            for latency_s, healthy_s in self._good
            if healthy_s is not None
        ]
        return not excesses or statistics.median_low(excesses) <= 0

    def _close(self) -> None:
        self.state, self.since_s, self.epoch = State.CLOSED, self._clock(), self.epoch + 1
        self.left = None
        self.busy_until_s = self.since_s
        self._one_will_do = False
        self._good.clear()
        self._failures = self._bad_probes = 0
        if self.probed.status is not Status.READY:
            self.probed = TierStatus(self.tier, Status.READY, "serves", f"{self.title}: serves requests")

    def _is_slow(self, latency_s: float, healthy_s: float) -> bool:
        rules = self._rules
        return latency_s > max(rules.slow_ratio * healthy_s, healthy_s + rules.slow_excess_s)

    def _slow(self, latency_s: float, healthy_s: float) -> TierStatus:
        reason = f"{self.title}: {latency_s:.2f} s for an answer, {healthy_s:.2f} s when it is well"
        return TierStatus(self.tier, Status.BROKEN, "slow", reason)
