"""What a server of known behaviour does wrong on purpose, seeded, so that its own log can be compared."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """All zero: answers at once and always.

    Args:
        delay_s: between a request's last byte and its answer, in seconds; requests do not wait for each other.
        freeze_after_s: seconds from the first clip to one freeze of the whole process; 0 for none.
        freeze_s: how long it lasts.
        stalls_per_s: mean rate of stalls of the whole process, at exponentially distributed distances.
        stall_s: how long each lasts.
        error_share: of clips answered with 500.
        reset_share: of clips whose connection is broken off without an answer.
        wrong_share: of clips answered with another embedding than the others.
        remembers: count how many different bodies came; it costs the server time.
        seed: of which clips and when.
    """

    delay_s: float = 0.0
    freeze_after_s: float = 0.0
    freeze_s: float = 1.0
    stalls_per_s: float = 0.0
    stall_s: float = 0.1
    error_share: float = 0.0
    reset_share: float = 0.0
    wrong_share: float = 0.0
    remembers: bool = False
    seed: int = 1


class Faults:
    """Carries a behaviour out; counts what it did."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.delay_s = behaviour.delay_s
        self.freezes = 0
        self.stalls = 0
        self._behaviour = behaviour
        self._random = random.Random(behaviour.seed)
        self._first_s: float | None = None
        self._next_stall_s = float("inf")

    def hold_still(self) -> None:
        """Freeze or stall where it is time to; nothing else of the process runs meanwhile."""
        now_s, plan = time.perf_counter(), self._behaviour
        if self._first_s is None:
            self._first_s = now_s
            self._plan_stall(now_s)
        if plan.freeze_after_s and not self.freezes and now_s - self._first_s >= plan.freeze_after_s:
            self.freezes += 1
            time.sleep(plan.freeze_s)
        if now_s >= self._next_stall_s:
            self.stalls += 1
            time.sleep(plan.stall_s)
            self._plan_stall(time.perf_counter())

    def fate(self) -> str:
        """What becomes of the next clip: `reset`, `error`, `wrong`, or empty for an answer."""
        plan = self._behaviour
        if not (plan.reset_share or plan.error_share or plan.wrong_share):
            return ""
        drawn = self._random.random()
        for fate, share in (
            ("reset", plan.reset_share),
            ("error", plan.error_share),
            ("wrong", plan.wrong_share),
        ):
            if drawn < share:
                return fate
            drawn -= share
        return ""

    def _plan_stall(self, now_s: float) -> None:
        if self._behaviour.stalls_per_s:
            self._next_stall_s = now_s + self._random.expovariate(self._behaviour.stalls_per_s)
