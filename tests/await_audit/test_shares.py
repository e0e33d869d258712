"""Work in copies of the process: the same answers, whoever gives them."""

from __future__ import annotations

import multiprocessing
import os
import signal
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
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # earlier tests may have left a thread
    everybody = multiprocessing.get_context("fork").Barrier(4)
    met: set[int] = set()

    def work(item: int) -> tuple[int, int]:
        if os.getpid() not in met:
            met.add(os.getpid())
            everybody.wait(20)
        return item, os.getpid()

    done = done_in_shares(ITEMS, work, jobs=4)
    assert {item: answer[0] for item, answer in done.items()} == {item: item for item in ITEMS}
    assert len({pid for _, pid in done.values()}) == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy a process")
def test_an_interruption_leaves_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies are killed and waited for, and no pipe stays open."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    pids: list[int] = []
    fork = os.fork

    def noted() -> int:
        pid = fork()
        if pid:
            pids.append(pid)
        if len(pids) == 2:
            raise KeyboardInterrupt
        return pid

    def slow(item: int) -> tuple[int]:
        time.sleep(60)
        return (item,)

    monkeypatch.setattr(os, "fork", noted)
    with pytest.raises(KeyboardInterrupt):
        done_in_shares(ITEMS, slow, jobs=2)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
    os.kill(pids[1], signal.SIGKILL)
    os.waitpid(pids[1], 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy a process")
def test_without_more_processes_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as at the limit of processes."""

    def none() -> int:
        raise BlockingIOError("resource temporarily unavailable")

    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "fork", none)
    assert done_in_shares(ITEMS, lambda item: (item,), jobs=2) == {item: (item,) for item in ITEMS}


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
