"""A clock elsewhere is known to half of the shortest round trip, and the bound holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jarvis_bench.prober.clock_offset import RoundTrip, clock_offset

WAYS = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9))


@given(st.integers(-(10**15), 10**15), st.lists(WAYS, min_size=1, max_size=9))
def test_the_true_offset_lies_within_the_bound(offset_ns: int, ways: list[tuple[int, int]]) -> None:
    """However unlike the two ways of a trip are."""
    trips = [RoundTrip(0, there + offset_ns, there + back) for there, back in ways]
    found = clock_offset(trips)
    assert abs(found.offset_s - offset_ns / 1e9) <= found.bound_s + 1e-6
    assert found.bound_s == min(there + back for there, back in ways) / 2e9
    assert found.trips == len(ways)
