"""What probing costs: a probe of a sleeping service wakes an instance, and that is billed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jarvis_bench.tiers.cloud_run.cost import usd_cold_start
from jarvis_bench.tiers.cloud_run.prices import Prices, Shape, billed_s


@dataclass(frozen=True, slots=True)
class ProbeBill:
    """What the probes of one tier came to.

    `wakes`: how many woke an instance; `start_s`: the longest start-up that a woken one reported, in seconds, None
    where none has answered yet (its start is then not in `usd`); `usd`: modelled.
    """

    probes: int
    requests: int
    wakes: int
    start_s: float | None
    usd: float
    prices_taken: str
    how: str = "modelled"


class ProbeMeter:
    """Counts the probes of one tier, and those that woke an instance.

    A probe woke one when it had no answer (a request that is held is what a cold start looks like) or when the
    answer is from an instance that started after the probe was sent. An instance that a silent probe has woken is not
    counted again when it answers a later one.
    """

    def __init__(self) -> None:
        self.probes = self.requests = self.wakes = 0
        self._busy_s = 0.0
        self._start_s: float | None = None
        self._silent = False
        self._seen: set[str] = set()

    def asked(self, requests: int = 1) -> None:
        """Requests of a probe were sent."""
        self.requests += requests

    def answered(self, fields: Mapping[str, Any], sent_unix_s: float) -> None:
        """/health answered with these fields, the identity of the instance among them."""
        instance, born_s = fields.get("instance_id"), fields.get("process_start")
        woken = self._silent
        if isinstance(instance, str) and instance not in self._seen:
            self._seen.add(instance)
            started_since = isinstance(born_s, int | float) and born_s >= sent_unix_s
            if not woken and started_since:
                self.wakes += 1
                woken = True
            startup_ms = fields.get("startup_duration_ms")
            if woken and isinstance(startup_ms, int | float) and math.isfinite(startup_ms):
                self._start_s = max(self._start_s or 0.0, startup_ms / 1000)
        self._silent = False

    def ended(self, seconds: float, *, silent: bool) -> None:
        """A probe ended after so many seconds; silent where its first question had no answer."""
        self.probes += 1
        self._busy_s += billed_s(seconds)
        if silent and not self._silent:
            self.wakes += 1
            self._silent = True

    def bill(self, prices: Prices, shape: Shape) -> ProbeBill:
        """The sum so far."""
        usd = self._busy_s * shape.usd_per_s(prices.request) + self.requests * prices.million_requests / 1e6
        usd += self.wakes * usd_cold_start(prices, shape, self._start_s or 0.0)
        return ProbeBill(self.probes, self.requests, self.wakes, self._start_s, usd, prices.taken.isoformat())
