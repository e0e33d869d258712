"""The cost model against worked examples."""

from __future__ import annotations

import math

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.cost import (
    MONTH_S,
    Load,
    compare,
    instance_based,
    request_based,
    usd_cold_start,
    usd_per_1000_warm,
)
from jarvis_bench.tiers.cloud_run.prices import Shape, load_prices

PRICES = load_prices(Settings().data_dir)
LARGE, SMALL = Shape(2, 4), Shape(1, 1)
NOTHING = Load(latency_s=0.138, start_s=25.0, per_month=0)


def test_a_thousand_warm_embeddings() -> None:
    """138 ms are billed as 200 ms: $0.0120 at 2 vCPU and 4 GiB; 300 ms at 1 vCPU and 1 GiB: $0.0084."""
    assert usd_per_1000_warm(PRICES, LARGE, 0.138) == pytest.approx(0.0120)
    assert usd_per_1000_warm(PRICES, SMALL, 0.300) == pytest.approx(0.00835)


def test_requests_that_share_the_time_share_its_price() -> None:
    alone, shared = (usd_per_1000_warm(PRICES, LARGE, 0.138, shared=n) for n in (1, 4))
    assert shared - 0.0004 == pytest.approx((alone - 0.0004) / 4)


def test_a_cold_start_is_worth_many_warm_requests() -> None:
    """25 s: $0.00145, as much as the time of 125 warm requests."""
    usd = usd_cold_start(PRICES, LARGE, 25.0)
    assert usd == pytest.approx(0.00145)
    assert usd / (0.2 * LARGE.usd_per_s(PRICES.request)) == pytest.approx(125.0)


def test_one_kept_instance_a_month() -> None:
    """30 days at 2 vCPU and 4 GiB: some $39 while it waits, some $114 with its CPU."""
    waiting = request_based(PRICES, LARGE, NOTHING, min_instances=1)
    always = instance_based(PRICES, LARGE, NOTHING)
    assert waiting.usd_month == pytest.approx(38.88)
    assert always.usd_month == pytest.approx(114.048)
    assert (waiting.usd_per_1000, waiting.free_usd) == (None, 0.0)


def test_nothing_asked_costs_nothing_without_a_minimum() -> None:
    cost = request_based(PRICES, LARGE, NOTHING)
    assert (cost.usd_month, cost.cold_starts_month) == (0.0, 0.0)


def test_a_month_is_the_sum_of_its_parts() -> None:
    """A million requests: 200,000 s of work, $11.60, and $0.40 of fees; gaps of 15 min do not happen."""
    cost = request_based(PRICES, LARGE, Load(latency_s=0.138, start_s=25.0, per_month=1e6))
    assert cost.cold_starts_month < 1e-100
    assert cost.usd_month == pytest.approx(12.0)
    assert cost.usd_per_1000 == pytest.approx(0.0120)
    # 400,000 vCPU-s of which 180,000 are free; 800,000 GiB-s of which 360,000 are; all requests are.
    assert cost.free_usd == pytest.approx(180_000 * 0.000024 + 360_000 * 0.0000025 + 0.40)
    assert (cost.how, cost.prices_taken) == ("modelled", PRICES.taken.isoformat())


def test_rare_requests_are_mostly_cold() -> None:
    """Ten a day: a gap is longer than 15 min nine times in ten, and cold starts are most of the cost."""
    load = Load(latency_s=0.138, start_s=25.0, per_month=300)
    share = math.exp(-300 / MONTH_S * 900)
    cost = request_based(PRICES, LARGE, load)
    assert share == pytest.approx(0.901, abs=1e-3)
    assert cost.cold_starts_month == pytest.approx(300 * share)
    assert cost.usd_month == pytest.approx(300 * 0.000012 + 300 * share * 0.00145)


def test_the_three_ways_side_by_side() -> None:
    costs = compare(PRICES, LARGE, Load(latency_s=0.138, start_s=25.0, per_month=1e5))
    assert [(cost.billing, cost.min_instances) for cost in costs] == [
        ("request-based", 0),
        ("request-based", 1),
        ("instance-based", 1),
    ]
    assert costs[0].usd_month < costs[1].usd_month < costs[2].usd_month


@pytest.mark.parametrize("wrong", [{"latency_s": -1.0}, {"shared": 0.5}, {"per_month": math.inf}])
def test_a_load_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Load(**({"latency_s": 0.1, "start_s": 1.0, "per_month": 1.0} | wrong))


def test_cpu_always_needs_an_instance() -> None:
    with pytest.raises(UsageError):
        instance_based(PRICES, LARGE, NOTHING, min_instances=0)
