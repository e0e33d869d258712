"""The prober against a server of known behaviour: what the server did is what the prober found.

The server is a separate process with a log of its own; the faults are seeded there and unknown to the prober.
"""

from __future__ import annotations

from collections import Counter

import pytest

from jarvis_bench.prober.known_behaviour import Behaviour
from jarvis_bench.prober.plan import Plan
from jarvis_bench.records import MeasurementVerdict

from .known_loads import CORES, hogs, measure


async def test_a_freeze_shows_in_the_response_and_not_in_the_service() -> None:
    """One second without an answer: whoever was due then waited, though few requests were under way."""
    behaviour = Behaviour(delay_s=0.005, freeze_after_s=1.0, freeze_s=1.0)
    plan = Plan("open-constant", 6.0, rate_per_s=120.0, callers=6)
    report, carried, told = await measure(behaviour, plan)
    assert told["freezes"] == 1
    assert told["served"] == report.requests.ok == len(carried.rows) == 720
    response, service = ({p.p: p for p in found} for found in (report.response, report.service))
    assert (response[99].seconds or 0) > 0.8
    assert (service[99].seconds or 1) < 0.5
    assert (response[50].seconds or 1) < 0.2


async def test_every_fault_is_counted_as_the_server_counts_it() -> None:
    """Errors, resets and wrong answers among answers after 50 ms, and stalls in between; nothing is lost."""
    behaviour = Behaviour(
        delay_s=0.05,
        error_share=0.05,
        reset_share=0.03,
        wrong_share=0.5,
        stalls_per_s=1.0,
        stall_s=0.1,
        seed=7,
    )
    report, carried, told = await measure(behaviour, Plan("open-poisson", 4.0, rate_per_s=60.0))
    counts = report.requests
    assert told["received"] == counts.sent == counts.planned == len(carried.rows)
    assert told["served"] == counts.ok
    assert told["errors"] == report.failures["http-500"] > 0
    assert told["resets"] == report.failures["connection-lost"] > 0
    assert counts.failed == told["errors"] + told["resets"]
    assert told["stalls"] > 0
    assert report.service[0].seconds is not None
    assert report.service[0].seconds >= 0.05
    assert report.checked.answers == 64
    assert 0 < report.checked.wrong < 64
    assert any("failed" in note for note in report.notes)
    assert all(row.reused is not None for row in carried.rows if row.ok)
    instances = Counter(row.instance_id for row in carried.rows if row.ok)
    assert set(instances) == {"known"}
    assert max(row.request_index or 0 for row in carried.rows if row.ok) < told["received"]


async def test_a_pool_of_one_connection_is_found_out() -> None:
    """Sixteen callers and one connection: the wait is the client's own, and is named so."""
    report, carried, told = await measure(
        Behaviour(delay_s=0.02), Plan("closed", 2.0, concurrency=16), connections=1
    )
    assert report.verdict is MeasurementVerdict.INVALID
    assert "connection pool" in report.reasons[0]
    assert "16 connections" in report.advice
    # What waited for the connection is not the tier's.
    assert (report.service[0].seconds or 1) < 0.06
    assert told["served"] == report.requests.ok
    assert sum(row.pool_wait_s is not None for row in carried.rows) >= 15


async def test_a_blocking_call_in_the_clients_loop_is_found_out() -> None:
    """Sixty milliseconds in every fifth request."""
    report, *_ = await measure(
        Behaviour(delay_s=0.05), Plan("open-constant", 3.0, rate_per_s=40.0), block_s=0.06
    )
    assert report.verdict is MeasurementVerdict.INVALID
    assert any("client's loop" in reason for reason in report.reasons)
    assert not any("connection pool" in reason for reason in report.reasons)


@pytest.mark.skipif(CORES.client is None, reason="needs a core that can be shared on purpose")
async def test_another_program_on_the_clients_core_is_found_out() -> None:
    """Three programs that compute all the time, on the one core that the client has."""
    with hogs():
        report, *_ = await measure(Behaviour(delay_s=0.05), Plan("open-constant", 3.0, rate_per_s=40.0))
    assert report.verdict is MeasurementVerdict.INVALID
    assert "client's core" in report.reasons[0]


async def test_a_healthy_client_is_not_blamed() -> None:
    """Best of three: a busy machine may truly starve a client, and then it is right to say so."""
    reports = []
    for _ in range(3):
        report, *_ = await measure(Behaviour(delay_s=0.05), Plan("open-poisson", 3.0, rate_per_s=40.0))
        reports.append(report)
        if report.verdict is MeasurementVerdict.VALID:
            break
    else:
        blamed = {reason.partition(":")[0] for report in reports for reason in report.reasons}
        assert blamed <= {"client's core", "client's loop", "client's CPU", "slip", "rate"}, [
            report.reasons for report in reports
        ]
        pytest.skip(f"this machine is too busy for a healthy run: {reports[-1].reasons}")
    assert report.advice == ""
    assert report.reasons == ()
