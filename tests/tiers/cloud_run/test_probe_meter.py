"""Which probes woke an instance, and what that cost."""

from __future__ import annotations

import pytest

from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.prices import Shape, load_prices
from jarvis_bench.tiers.cloud_run.probe_meter import ProbeMeter

PRICES = load_prices(Settings().data_dir)
LARGE = Shape(2, 4)


def identity(name: str, born_s: float, startup_ms: float = 2500.0) -> dict[str, object]:
    return {"instance_id": name, "process_start": born_s, "startup_duration_ms": startup_ms}


def test_a_silent_probe_wakes_one_and_the_next_answer_is_not_another() -> None:
    meter = ProbeMeter()
    for _ in range(3):
        meter.asked()
        meter.ended(2.0, silent=True)
    meter.answered(identity("a", 1005.0), sent_unix_s=1010.0)
    meter.asked()
    meter.ended(0.05, silent=False)
    assert (meter.probes, meter.wakes) == (4, 1)
    assert meter.bill(PRICES, LARGE).start_s == 2.5


def test_an_answer_from_an_instance_younger_than_the_question_was_a_wake() -> None:
    meter = ProbeMeter()
    meter.answered(identity("a", 1000.5), sent_unix_s=1000.0)
    meter.answered(identity("a", 1000.5), sent_unix_s=1005.0)
    meter.answered(identity("b", 900.0), sent_unix_s=1006.0)
    assert meter.wakes == 1


def test_what_is_no_identity_is_not_counted() -> None:
    meter = ProbeMeter()
    for fields in ({}, {"instance_id": 7}, {"instance_id": "a", "process_start": "now"}):
        meter.answered(fields, sent_unix_s=0.0)
    assert meter.wakes == 0


def test_the_bill_is_time_in_steps_fees_and_starts() -> None:
    """Two probes of 0.12 s are 0.2 s each; four requests; one start of 2.5 s."""
    meter = ProbeMeter()
    meter.answered(identity("a", 1000.5), sent_unix_s=1000.0)
    for _ in range(2):
        meter.asked()
        meter.asked()
        meter.ended(0.12, silent=False)
    bill = meter.bill(PRICES, LARGE)
    rate = 2 * 0.000024 + 4 * 0.0000025
    assert bill.usd == pytest.approx((2 * 0.2 + 2.5) * rate + 4 * 0.0000004)
    assert (bill.how, bill.prices_taken) == ("modelled", PRICES.taken.isoformat())
