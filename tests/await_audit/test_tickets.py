"""Every ticket is drawn once, and whoever is free draws the next."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from jarvis_bench.await_audit.tickets import MOST, drawn, portions, tickets

SLOW = """
import sys, time
from jarvis_bench.await_audit.tickets import drawn
for number in drawn(0):
    print(number, flush=True)
    time.sleep(60)
"""


def test_several_draw_every_ticket_once() -> None:
    """Four threads empty the pipe together."""
    found: list[int] = []
    with tickets(MOST) as pipe:
        threads = [threading.Thread(target=lambda: found.extend(drawn(pipe))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == list(range(MOST))


def test_a_slow_process_leaves_the_rest_to_others() -> None:
    """It keeps nobody waiting for more than the portion it has."""
    with (
        tickets(20) as pipe,
        subprocess.Popen([sys.executable, "-c", SLOW], stdin=pipe, stdout=subprocess.PIPE, text=True) as slow,
    ):
        assert slow.stdout is not None
        first = int(slow.stdout.readline())
        assert sorted([first, *drawn(pipe)]) == list(range(20))
        slow.kill()


def test_no_pipe_stays_open() -> None:
    """Neither end, whatever happens in between."""
    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(KeyboardInterrupt), tickets(3):
        raise KeyboardInterrupt
    assert set(Path("/proc/self/fd").iterdir()) == before


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 2_048, 2_049, 100_000])
def test_portions_hold_everything_in_order(count: int) -> None:
    """At most as many portions as there are tickets."""
    items = list(range(count))
    found = portions(items, 8)
    assert [item for portion in found for item in portion] == items
    assert len(found) <= MOST
