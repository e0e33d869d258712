"""Each way in which a client spoils a measurement is named, and nothing else is."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from jarvis_bench.prober.client_health import ClientHealth
from jarvis_bench.prober.facts import NullFloor, RunFacts, WarmUp
from jarvis_bench.prober.honesty import Judgement, Measured, judge
from jarvis_bench.records import MeasurementVerdict
from jarvis_bench.tiers.service_client import ClientLimits

CLIENT = ClientHealth(
    slip_p50_s=0.0002,
    slip_p99_s=0.001,
    slip_max_s=0.003,
    late_share=0.005,
    lag_p99_s=0.001,
    lag_max_s=0.004,
    cpu_share=0.2,
    core_taken=0.02,
    core_taken_s=0.01,
    pool_waited=0,
    pool_wait_p99_s=0.0,
    in_flight=1.0,
    in_flight_expected=1.0,
    ticks=250,
)
FACTS = RunFacts(
    *("local", "onnx", 3.0, 1, "one core each", False),
    rate_per_s=20.0,
    under_way=16,
    limits=ClientLimits(connections=1),
    floor=NullFloor(100, 20.0, 0.0006, None, 0.02, 2500.0),
    warmup=WarmUp(3, 24, True, 0.06, 0.05),
)
GOOD = Measured(FACTS, CLIENT, answered=100, p50_s=0.05, achieved=1.0, completed_per_s=20.0)


def judged(**changes: Any) -> Judgement:
    """The healthy run with something changed, wherever the name belongs."""
    names = {field.name for field in dataclasses.fields(ClientHealth)}
    facts = {field.name for field in dataclasses.fields(RunFacts)}
    measured = dataclasses.replace(
        GOOD,
        client=dataclasses.replace(CLIENT, **{key: changes[key] for key in changes if key in names}),
        facts=dataclasses.replace(FACTS, **{key: changes[key] for key in changes if key in facts}),
        **{key: changes[key] for key in changes if key not in names | facts},
    )
    return judge(measured)


def test_a_healthy_client_is_valid_without_a_word() -> None:
    """No reason, no note, no advice."""
    assert judge(GOOD) == Judgement(MeasurementVerdict.VALID, (), (), "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pool_waited": 9, "pool_wait_p99_s": 0.02}, "connection pool"),
        ({"core_taken": 0.4, "core_taken_s": 0.5}, "client's core"),
        ({"lag_p99_s": 0.021}, "client's loop"),
        ({"cpu_share": 0.91}, "client's CPU"),
        ({"slip_p99_s": 0.011}, "slip"),
        ({"achieved": 0.97}, "rate"),
        ({"floor": NullFloor(100, 20.0, 0.0006, None, 0.02, 39.0)}, "client-bound: 20"),
        ({"floor": NullFloor(100, 20.0, 0.003, None, 0.02, 2500.0)}, "client-bound: 3 ms"),
        ({"clock_ratio": 1.02}, "clock"),
        ({"in_flight": 3.0}, "Little's law"),
    ],
)
def test_each_fault_of_the_client_is_invalid_for_its_own_reason(changes: dict[str, Any], reason: str) -> None:
    """One reason, with one line of advice."""
    found = judged(**changes)
    assert found.verdict is MeasurementVerdict.INVALID
    (told,) = found.reasons
    assert told.startswith(reason)
    assert found.advice
    assert "\n" not in found.advice


@pytest.mark.parametrize(
    "changes",
    [{"answered": 10}, {"warmup": WarmUp(10, 80, False, 0.1, 0.05)}, {"floor": None}, {"interrupted": True}],
)
def test_what_cannot_be_known_is_inconclusive(changes: dict[str, Any]) -> None:
    """Too few answers, no steady state, no calibration, no end."""
    found = judged(**changes)
    assert found.verdict is MeasurementVerdict.INCONCLUSIVE
    assert len(found.reasons) == 1
    assert found.advice


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"co_located": True}, "co-located"),
        ({"late_share": 0.02}, "1 ms late"),
        ({"lag_p99_s": 0.006}, "lagged"),
        ({"cpu_share": 0.8}, "80%"),
        ({"core_taken": 0.15}, "15%"),
        ({"clock_ratio": 1.002}, "0.20%"),
        (
            {"warmup": WarmUp(3, 24, True, 0.15, 0.05)},
            "the first request took 150 ms, 3.0 × the steady median",
        ),
    ],
)
def test_what_should_be_known_is_a_note(changes: dict[str, Any], note: str) -> None:
    """And leaves the measurement valid."""
    found = judged(**changes)
    assert found.verdict is MeasurementVerdict.VALID
    (told,) = found.notes
    assert note in told


def test_a_slow_tier_may_be_sent_to_with_a_slip_in_proportion() -> None:
    """A tenth of the median, where that is more than 10 ms."""
    assert judged(slip_p99_s=0.05, p50_s=1.0).verdict is MeasurementVerdict.VALID


def test_a_loop_that_lags_because_its_core_is_taken_is_not_told_to_compute_less() -> None:
    """Where requests are slow enough that the core alone would spoil nothing."""
    found = judged(lag_p99_s=0.3, core_taken=0.77, core_taken_s=2.0, p50_s=1.3)
    assert found.reasons[0].endswith("while something else had its core for 77% of its time")
    assert "quieter machine" in found.advice


def test_a_closed_loop_has_no_plan_to_be_late_for() -> None:
    """Its slip is no reason; its loop and its core still are."""
    assert judged(rate_per_s=0.0, slip_p99_s=0.05, achieved=None).verdict is MeasurementVerdict.VALID


def test_a_core_that_is_taken_while_hardly_anything_waits_spoils_nothing() -> None:
    """A hundred requests of 50 ms may wait for 2.5 ms each, as they may for the client itself."""
    assert judged(core_taken=0.4, core_taken_s=0.24).verdict is MeasurementVerdict.VALID
    assert judged(core_taken=0.4, core_taken_s=0.26).verdict is MeasurementVerdict.INVALID
