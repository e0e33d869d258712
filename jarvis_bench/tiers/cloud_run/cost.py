"""The cost model: from latency and arrivals to US dollars, with the free tier apart. Modelled, never measured.

    cost of a warm request = ⌈t⌉ × (vCPU × price + GiB × price) ÷ requests sharing the time + fee a request
    cost of a cold start   = start-up time × the same rate

⌈t⌉ is rounded up to 100 ms (Google's pricing page). How many requests find no instance follows from the arrivals: of a
Poisson stream of rate λ, those after a gap longer than the idle time T are the share e^(-λT).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from jarvis_bench.errors import UsageError
from jarvis_bench.tiers.cloud_run.prices import FreeTier, Prices, Shape, billed_s

MONTH_S = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Load:
    """What a tier is asked for and what it takes.

    Args:
        latency_s: the time an instance works on a request, in seconds.
        start_s: a cold start, in seconds.
        per_month: requests in 30 days.
        shared: how many requests share an instance's time in the mean; 1 where they come one by one.
        idle_s: seconds after which an idle instance is ended.
    """

    latency_s: float
    start_s: float
    per_month: float
    shared: float = 1.0
    idle_s: float = 900.0

    def __post_init__(self) -> None:
        amounts = (self.latency_s, self.start_s, self.per_month, self.idle_s)
        if not all(0 <= amount < math.inf for amount in amounts) or not 1 <= self.shared < math.inf:
            raise UsageError("a load needs amounts of 0 or more, shared by 1 request or more")

    @property
    def cold_starts(self) -> float:
        """Expected cold starts in 30 days without a minimum of instances, for arrivals as a Poisson stream."""
        return self.per_month * math.exp(-self.per_month / MONTH_S * self.idle_s)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a month costs, in US dollars; `how` is always `modelled`.

    `usd_per_1000`: for 1,000 embeddings, cold starts and waiting included, before the free tier; `free_usd`: what the
    free tier takes off the month, where the account uses it for nothing else.
    """

    billing: str
    min_instances: int
    cold_starts_month: float
    usd_per_1000: float | None
    usd_month: float
    free_usd: float
    prices_taken: str
    how: str = "modelled"


def usd_per_1000_warm(prices: Prices, shape: Shape, latency_s: float, *, shared: float = 1.0) -> float:
    """1,000 warm embeddings, request-based, in US dollars."""
    return 1000 * _warm_usd(prices, shape, latency_s, shared)


def usd_cold_start(prices: Prices, shape: Shape, start_s: float) -> float:
    """One cold start, request-based, in US dollars."""
    return start_s * shape.usd_per_s(prices.request)


def request_based(prices: Prices, shape: Shape, load: Load, *, min_instances: int = 0) -> Cost:
    """A month with CPU during requests only.

    With a minimum of instances there are no cold starts (as long as that many are enough), and their waiting is paid.
    """
    cold = 0.0 if min_instances else load.cold_starts
    busy_s = load.per_month * billed_s(load.latency_s) / load.shared + cold * load.start_s
    waiting_s = max(0.0, min_instances * MONTH_S - busy_s)
    month = busy_s * shape.usd_per_s(prices.request) + waiting_s * shape.usd_per_s(prices.idle)
    month += load.per_month * prices.million_requests / 1e6
    # Waiting is charged at its own price; the free seconds are those of work.
    free = _free_usd(prices.free_request, prices.request.vcpu_s, prices.request.gib_s, shape, busy_s)
    free += min(load.per_month, prices.free_request.requests) * prices.million_requests / 1e6
    return _cost("request-based", min_instances, cold, load, month, free, prices)


def instance_based(prices: Prices, shape: Shape, load: Load, *, min_instances: int = 1) -> Cost:
    """A month with CPU always allocated to at least one instance; requests themselves cost nothing."""
    if min_instances < 1:
        raise UsageError("instance-based billing is modelled for at least one instance that stays")
    busy_s = load.per_month * load.latency_s / load.shared
    life_s = max(min_instances * MONTH_S, busy_s)
    month = life_s * shape.usd_per_s(prices.instance)
    free = _free_usd(prices.free_instance, prices.instance.vcpu_s, prices.instance.gib_s, shape, life_s)
    return _cost("instance-based", min_instances, 0.0, load, month, free, prices)


def compare(prices: Prices, shape: Shape, load: Load) -> tuple[Cost, ...]:
    """The three ways to run it: no instance kept, one kept, one kept with its CPU."""
    return (
        request_based(prices, shape, load),
        request_based(prices, shape, load, min_instances=1),
        instance_based(prices, shape, load),
    )


def _warm_usd(prices: Prices, shape: Shape, latency_s: float, shared: float) -> float:
    time_usd = billed_s(latency_s) * shape.usd_per_s(prices.request) / shared
    return time_usd + prices.million_requests / 1e6


def _free_usd(free: FreeTier, vcpu_price: float, gib_price: float, shape: Shape, seconds: float) -> float:
    vcpu_s, gib_s = seconds * shape.vcpu, seconds * shape.gib
    return min(vcpu_s, free.vcpu_s) * vcpu_price + min(gib_s, free.gib_s) * gib_price


def _cost(
    billing: str, kept: int, cold: float, load: Load, month: float, free: float, prices: Prices
) -> Cost:
    each = 1000 * month / load.per_month if load.per_month else None
    return Cost(billing, kept, cold, each, month, free, prices.taken.isoformat())
