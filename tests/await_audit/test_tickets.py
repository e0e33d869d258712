"""Every ticket is drawn once, and whoever is free draws the next."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jarvis_bench.await_audit.tickets import MOST, drawn, portions, tickets

SLOW = """
import sys, time
from jarvis_bench.await_audit.tickets import drawn
for number in drawn(0):
    print(number, flush=True)
    time.sleep(60)
"""


def test_two_draw_every_ticket_once() -> None:
    """Turn by turn, from the same pipe."""
    with tickets(MOST) as pipe:
        first, second = drawn(pipe), drawn(pipe)
        found = [next(one) for _ in range(MOST // 2) for one in (first, second)]
        assert [*first, *second] == []
    assert sorted(found) == list(range(MOST))


def test_a_slow_process_leaves_the_rest_to_others() -> None:
    """It keeps nobody waiting for more than the portion it has."""
    with (
        tickets(20) as pipe,
        subprocess.Popen([sys.executable, "-c", SLOW], stdin=pipe, stdout=subprocess.PIPE, text=True) as slow,
    ):
        try:
            assert slow.stdout is not None
            first = int(slow.stdout.readline())
            assert sorted([first, *drawn(pipe)]) == list(range(20))
        finally:
            slow.kill()


@pytest.mark.parametrize("count", [3, MOST + 1])
def test_no_pipe_stays_open(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Neither end, whatever happens in between."""
    made: list[int] = []
    pipe = os.pipe

    def noted() -> tuple[int, int]:
        made.extend(pipe())
        return made[0], made[1]

    monkeypatch.setattr(os, "pipe", noted)
    with pytest.raises((KeyboardInterrupt, ValueError)), tickets(count):
        raise KeyboardInterrupt
    for end in made:
        with pytest.raises(OSError, match="descriptor"):
            os.fstat(end)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 100_000])
def test_portions_hold_everything_once(count: int) -> None:
    """At most as many portions as there are tickets, of about one size."""
    found = portions(range(count))
    assert sorted(item for portion in found for item in portion) == list(range(count))
    assert len(found) <= MOST
    assert not found or max(map(len, found)) - min(map(len, found)) <= 1
