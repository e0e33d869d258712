"""Work in copies of the process: the same answers, whoever gives them."""

from __future__ import annotations

import os
import threading
import time

import pytest

from jarvis_bench.await_audit import shares
from jarvis_bench.await_audit.shares import done_in_shares

ITEMS = list(range(40))


@pytest.fixture(autouse=True)
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten items are worth a process."""
    monkeypatch.setattr(shares, "WORTH_A_PROCESS", 10)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy a process")
def test_other_processes_do_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every item has its answer, from four processes."""
    # Earlier tests of this process may have left a thread.
    monkeypatch.setattr(threading, "active_count", lambda: 1)

    def work(item: int) -> tuple[int, int]:
        time.sleep(0.02)  # so that nobody has drawn all portions before the last copy is there
        return item, os.getpid()

    done = done_in_shares(ITEMS, work, jobs=4)
    assert {item: answer[0] for item, answer in done.items()} == {item: item for item in ITEMS}
    assert len({pid for _, pid in done.values()}) == 4


def test_few_items_stay_here() -> None:
    """Less than a share each is not worth a process."""
    done = done_in_shares(ITEMS[:19], lambda item: (os.getpid(),), jobs=4)
    assert set(done.values()) == {(os.getpid(),)}


def test_a_process_with_threads_is_not_copied() -> None:
    """A copy would hold locks that nobody opens."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        done = done_in_shares(ITEMS, lambda item: (os.getpid(),), jobs=4)
    finally:
        ended.set()
        thread.join()
    assert set(done.values()) == {(os.getpid(),)}


def test_the_share_of_a_process_that_dies_is_done_here() -> None:
    """Nothing is lost."""
    here = os.getpid()

    def work(item: int) -> tuple[int]:
        if os.getpid() != here:
            os._exit(9)
        return (item,)

    assert done_in_shares(ITEMS, work, jobs=2) == {item: (item,) for item in ITEMS}
