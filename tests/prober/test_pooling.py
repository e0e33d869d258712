"""Rows of several workers become one measurement: percentiles of all rows, a verdict no better than any worker's."""

from __future__ import annotations

import dataclasses

import pytest

from jarvis_bench.prober.clock_offset import ClockOffset
from jarvis_bench.prober.facts import RunFacts, WarmUp
from jarvis_bench.prober.plan import OPEN_CONSTANT, Part, Plan, make_plan, part_of
from jarvis_bench.prober.pooling import Pooled, Returned, pool
from jarvis_bench.prober.rows import ClientTick
from jarvis_bench.records import MeasurementVerdict

from .rows import request_row

RUN = "tier 3 s open"
PLAN = make_plan(Plan(OPEN_CONSTANT, 2.0, rate_per_s=40))
BEGUN_NS = 5_000_000_000
CLOCK = ClockOffset(0.0, 0.001, 9)


def returned(number: int, *, latency_ms: float = 50.0, of: int = 2, lost: str = "") -> Returned:
    """What a worker brings back whose own clock began at another zero; nothing, where it was lost."""
    part, own_ns = Part(number, of), 1_000_000_000 * (number + 1)
    mine = part_of(PLAN, part)
    facts = RunFacts(
        *("tier", "", 3.0, 1, "cores", False),
        run=RUN,
        load="open-constant 40/s",
        scenario=OPEN_CONSTANT,
        duration_s=2.0,
        rate_per_s=mine.rate_per_s,
        started_ns=own_ns,
        ended_ns=own_ns + 2_000_000_000,
        warmup=WarmUp(3, 24, True, 0.05, 0.05),
    )
    rows = tuple(
        request_row(
            run=RUN,
            index=part.place(count),
            planned_ns=own_ns + due_ns,
            ready_ns=own_ns + due_ns,
            dispatched_ns=own_ns + due_ns,
            sent_ns=own_ns + due_ns,
            first_byte_ns=None,
            last_byte_ns=own_ns + due_ns + round(latency_ms * 1e6),
            ended_ns=own_ns + due_ns + round(latency_ms * 1e6),
        )
        for count, due_ns in enumerate(mine.arrivals_ns)
    )
    ticks = tuple(ClientTick(RUN, own_ns + 20_000_000 * n, 0.0, 1, 0.0, 0.0, 0.0) for n in range(1, 100))
    whole = Returned(
        f"tcp://10.0.0.{number}:1", f"host {number}", part, CLOCK, rows, ticks, (facts,), (PLAN,), (), ""
    )
    if lost:
        return dataclasses.replace(whole, rows=(), ticks=(), facts=(), plans=(), lost=lost)
    return whole


def one(*parts: Returned) -> Pooled:
    """The only load of these workers."""
    (found,) = pool(parts, {RUN: BEGUN_NS})
    return found


def test_percentiles_are_those_of_all_rows() -> None:
    """Half of the requests take 10 ms and half 90: the p90 is no mean of the workers' p90."""
    found = one(returned(0, latency_ms=10), returned(1, latency_ms=90)).report
    assert found.requests.planned == found.requests.ok == len(PLAN.arrivals_ns) == 80
    assert found.response_s["p50"] == pytest.approx(0.01)
    assert found.response_s["p90"] == pytest.approx(0.09)
    assert found.rate.requested == pytest.approx(40.0)
    assert [part.ok for part in found.workers] == [40, 40]


def test_all_rows_stand_on_one_time_axis_with_their_worker() -> None:
    """Planned times are those of the whole plan, whatever the workers' own clocks say."""
    found = one(returned(0), returned(1))
    planned = {row.index: row.planned_ns - BEGUN_NS for row in found.rows}
    assert planned == dict(enumerate(PLAN.arrivals_ns))
    assert {(row.worker, row.index % 2) for row in found.rows} == {
        ("tcp://10.0.0.0:1", 0),
        ("tcp://10.0.0.1:1", 1),
    }
    assert {row.response_s for row in found.rows} == {0.05}


def test_a_lost_share_makes_it_invalid_and_the_rest_is_kept() -> None:
    """The reason names the worker and how many requests are missing."""
    found = one(returned(0), returned(1, lost="lost: it is gone")).report
    assert found.verdict is MeasurementVerdict.INVALID
    assert "tcp://10.0.0.1:1 is missing (lost: it is gone): 40 requests of 80 planned" in found.reasons[0]
    assert found.requests.ok == 40
    assert found.response_s["p50"] == pytest.approx(0.05)
    assert found.workers[1].verdict is None
    assert "kept" in found.advice


def test_a_request_that_came_twice_or_not_at_all_is_told() -> None:
    """It would be a fault of the prober, and no figure may hide it."""
    whole, other = returned(0), returned(1)
    twice = dataclasses.replace(whole, rows=(whole.rows[0], *whole.rows[:-1]))
    found = one(twice, other).report
    assert found.verdict is MeasurementVerdict.INVALID
    assert found.reasons[0] == "2 requests are twice or missing among the rows"


def test_one_worker_that_cannot_be_believed_spoils_the_whole() -> None:
    """Its reason stands with its name; the other one has none."""
    blocked = returned(1)
    ticks = tuple(dataclasses.replace(tick, lag_s=0.2) for tick in blocked.ticks)
    found = one(returned(0), dataclasses.replace(blocked, ticks=ticks)).report
    assert found.verdict is MeasurementVerdict.INVALID
    assert any(reason.startswith("worker tcp://10.0.0.1:1: client's loop") for reason in found.reasons)
    assert [part.verdict for part in found.workers][1] is MeasurementVerdict.INVALID
    assert found.client.lag_p99_s == pytest.approx(0.2)


def test_a_vague_clock_leaves_it_open() -> None:
    """Workers that may not have begun together prove nothing about the load together."""
    vague = dataclasses.replace(returned(1), clock=ClockOffset(3.0, 0.4, 9))
    found = one(returned(0), vague).report
    assert found.verdict is MeasurementVerdict.INCONCLUSIVE
    assert any("known to 400 ms only" in reason for reason in found.reasons)


def test_few_answers_of_one_worker_are_enough_together() -> None:
    """Eleven answers make a median, whoever got them: no worker is asked for eleven of its own."""
    found = one(*(returned(number, of=8) for number in range(8))).report
    assert found.requests.ok == 80
    assert not any("a median needs" in reason for reason in found.reasons)
