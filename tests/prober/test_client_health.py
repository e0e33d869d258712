"""The client's figures come from its rows and ticks."""

from __future__ import annotations

import pytest

from jarvis_bench.prober.client_health import busiest_second, client_health
from jarvis_bench.prober.rows import ClientTick

from .rows import request_row

MS = 1_000_000


def ticks(
    count: int, *, cpu: float = 0.0, idle: float = 0.0, waited: float | None = 0.0, in_flight: int = 0
) -> list[ClientTick]:
    """Ticks of 20 ms; the shares are of one core."""
    return [
        ClientTick(
            *("run", number * 20 * MS, 0.0, in_flight),
            cpu_s=cpu * number * 0.02,
            idle_s=idle * number * 0.02,
            waited_s=None if waited is None else waited * number * 0.02,
        )
        for number in range(count)
    ]


def test_slip_counts_from_when_a_request_could_have_left() -> None:
    """A wait for the tier is no slip; a wait of the client is."""
    rows = [
        request_row(planned_ms=0, late_ms=3),
        request_row(planned_ms=10, late_ms=50, ready_ns=60 * MS),
        request_row(planned_ms=20, service_ms=7, outcome="dropped"),
        request_row(planned_ms=30, service_ms=500, outcome="dropped", cause="interrupted"),
    ]
    found = client_health(rows, [])
    assert (found.slip_p50_s, found.slip_max_s) == (0.003, 0.007)
    assert found.late_share == pytest.approx(2 / 3)


def test_cpu_is_that_of_the_busiest_second_without_idle_waiting() -> None:
    """A second at full speed among calm ones is found; waiting for the next request is not work."""
    calm, busy = ticks(100, cpu=0.1), ticks(60, cpu=1.0)
    offset_ns, offset_s = calm[-1].due_ns, calm[-1].cpu_s
    after = [
        ClientTick("run", offset_ns + tick.due_ns, 0.0, 0, offset_s + tick.cpu_s, 0.0, 0.0)
        for tick in busy[1:]
    ]
    assert busiest_second([*calm, *after]) == pytest.approx(1.0, abs=0.02)
    assert busiest_second(ticks(100, cpu=0.9, idle=0.8)) == pytest.approx(0.1)
    assert busiest_second(ticks(10, cpu=0.5)) == pytest.approx(0.5)
    assert busiest_second([]) == 0.0


def test_a_taken_core_is_a_share_of_what_the_client_wanted() -> None:
    """Half a second wanted, half of that waited for; unknown where the kernel does not tell."""
    found = client_health([], ticks(51, cpu=0.25, waited=0.25))
    assert found.core_taken == pytest.approx(0.5)
    assert found.core_taken_s == pytest.approx(0.25)
    assert client_health([], ticks(51, waited=None)).core_taken is None


def test_littles_law_compares_two_counts_of_the_same() -> None:
    """One request of 20 ms every 40 ms: half a request under way in the mean."""
    rows = [request_row(planned_ms=40 * number, service_ms=20) for number in range(50)]
    found = client_health(rows, ticks(100, in_flight=2))
    assert found.in_flight_expected == pytest.approx(0.5, abs=0.02)
    assert found.in_flight == 2


def test_waits_for_a_connection_are_counted() -> None:
    """With their longest percentile."""
    rows = [request_row(pool_wait_s=0.01 * number) for number in range(1, 5)] + [request_row()]
    found = client_health(rows, [])
    assert (found.pool_waited, found.pool_wait_p99_s) == (4, 0.04)
