"""The billing meter: when an instance is charged, in steps of 100 ms.

Request-based billing charges an instance while it starts, has a request, or ends; each such stretch is rounded up to
the step. Requests that run at the same time share it. Instances that are kept by the minimum are charged for waiting,
at another price. Instance-based billing charges the whole life of an instance instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_bench.tiers.cloud_run.prices import STEP_S, Prices, Shape, billed_steps


@dataclass(frozen=True, slots=True)
class Bill:
    """What the meter shows. `emulated` times, `modelled` money.

    `steps`: billed steps of 100 ms of all instances; `waiting_s`: seconds that kept instances waited; `starts`:
    how many instances were started.
    """

    requests: int
    starts: int
    steps: int
    waiting_s: float
    cpu_always: bool
    how: str = "emulated"

    @property
    def billed_s(self) -> float:
        """Billed instance time in seconds."""
        return self.steps * STEP_S

    def usd(self, prices: Prices, shape: Shape) -> float:
        """US dollars, before the free tier."""
        if self.cpu_always:
            return self.billed_s * shape.usd_per_s(prices.instance)
        working = self.billed_s * shape.usd_per_s(prices.request)
        waiting = self.waiting_s * shape.usd_per_s(prices.idle)
        return working + waiting + self.requests * prices.million_requests / 1e6


class Meter:
    """Told of every change; times are seconds of one clock.

    Args:
        min_instances: how many waiting instances are paid for.
        cpu_always: instance-based billing.
    """

    def __init__(self, *, min_instances: int = 0, cpu_always: bool = False) -> None:
        self._min, self._cpu_always = min_instances, cpu_always
        self._since: dict[str, float] = {}
        self._waiting: set[str] = set()
        self._requests = self._starts = self._steps = 0
        self._waiting_s = 0.0
        self._changed_s = 0.0

    def started(self, instance: str, at_s: float) -> None:
        """Its start-up begins, and is charged."""
        self._pass(at_s)
        self._starts += 1
        self._since[instance] = at_s

    def idle(self, instance: str, at_s: float) -> None:
        """It is up and has no request."""
        self._pass(at_s)
        self._waiting.add(instance)
        if not self._cpu_always:
            self._close(instance, at_s)

    def busy(self, instance: str, at_s: float) -> None:
        """It has a request, or begins to end."""
        self._pass(at_s)
        self._waiting.discard(instance)
        self._since.setdefault(instance, at_s)

    def ended(self, instance: str, at_s: float) -> None:
        """It is gone."""
        self._pass(at_s)
        self._waiting.discard(instance)
        self._close(instance, at_s)

    def request(self) -> None:
        """A request reached an instance."""
        self._requests += 1

    def read(self, at_s: float) -> Bill:
        """The bill up to now; stretches that have not ended count as if they ended now."""
        self._pass(at_s)
        steps = self._steps + sum(billed_steps(at_s - since) for since in self._since.values())
        return Bill(self._requests, self._starts, steps, self._waiting_s, self._cpu_always)

    def _close(self, instance: str, at_s: float) -> None:
        since = self._since.pop(instance, None)
        if since is not None:
            self._steps += billed_steps(at_s - since)

    def _pass(self, at_s: float) -> None:
        working = len(self._since)
        paid = 0 if self._cpu_always else min(len(self._waiting), max(0, self._min - working))
        self._waiting_s += paid * (at_s - self._changed_s)
        self._changed_s = at_s
