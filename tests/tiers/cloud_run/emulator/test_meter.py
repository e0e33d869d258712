"""The billing meter, step by step."""

from __future__ import annotations

import datetime

import pytest

from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.emulator.meter import Meter
from jarvis_bench.tiers.cloud_run.prices import Shape, load_prices

PRICES = load_prices(Settings().data_dir)
LARGE = Shape(2, 4)


def test_requests_at_the_same_time_share_it_and_each_stretch_is_rounded_up() -> None:
    """0–1.23 s → 13 steps; 5.0–5.1 s → exactly 1; 6.0–6.1001 s → 2; 9–9.3 s → exactly 3."""
    meter = Meter()
    meter.started("a", 0.0)
    meter.busy("a", 0.5)
    meter.busy("a", 0.9)
    meter.idle("a", 1.23)
    for began_s, ended_s in ((5.0, 5.1), (6.0, 6.1001), (9.0, 9.3)):
        meter.busy("a", began_s)
        meter.request()
        meter.idle("a", ended_s)
    bill = meter.read(100.0)
    assert (bill.steps, bill.requests, bill.starts) == (13 + 1 + 2 + 3, 3, 1)


def test_what_has_not_ended_counts_up_to_now() -> None:
    meter = Meter()
    meter.started("a", 10.0)
    assert meter.read(10.25).steps == 3
    assert meter.read(10.35).steps == 4


def test_only_the_kept_instances_are_paid_for_waiting() -> None:
    """Two wait for 10 s, one of them is kept; then one works for 5 s, which the minimum does not pay twice."""
    meter = Meter(min_instances=1)
    meter.started("a", 0.0)
    meter.started("b", 0.0)
    meter.idle("a", 1.0)
    meter.idle("b", 1.0)
    meter.busy("a", 11.0)
    meter.idle("a", 16.0)
    assert meter.read(18.0).waiting_s == pytest.approx(12.0)
    assert meter.read(18.0).steps == 10 + 10 + 50


def test_the_money_of_a_bill() -> None:
    """One cold start of 25 s and one request of 138 ms at 2 vCPU and 4 GiB: $0.00145 + $0.0000116 + the fee."""
    meter = Meter()
    meter.started("a", 0.0)
    meter.idle("a", 25.0)
    meter.busy("a", 30.0)
    meter.request()
    meter.idle("a", 30.138)
    bill = meter.read(31.0)
    assert bill.steps == 252
    assert bill.usd(PRICES, LARGE) == pytest.approx(0.00145 + 0.0000116 + 0.0000004)
    assert isinstance(PRICES.taken, datetime.date)


def test_cpu_always_is_billed_by_the_life_at_its_own_price() -> None:
    meter = Meter(min_instances=1, cpu_always=True)
    meter.started("a", 0.0)
    meter.idle("a", 2.0)
    meter.busy("a", 4.0)
    meter.request()
    meter.idle("a", 5.0)
    bill = meter.read(10.0)
    assert (bill.steps, bill.waiting_s) == (100, 0.0)
    assert bill.usd(PRICES, LARGE) == pytest.approx(10 * (2 * 0.000018 + 4 * 0.000002))
