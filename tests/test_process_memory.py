"""Memory of a process as the kernel tells it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.process_memory import HAS_PROC, metrics_note, read_cheap, read_memory, read_rss, reset_peak

from .memory.holder import TAKEN_BYTES, holder

# The kernel counts for vm-hwm in batches, and exactly for smaps: the two differ by some pages.
BATCH_BYTES = 2_000_000

needs_proc = pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)")


@needs_proc
def test_taken_memory_shows_in_every_figure() -> None:
    """A process that takes and touches 100 MB has 100 MB more of it, by each metric."""
    with holder() as process:
        before = read_memory(process.pid)
        before_rss = read_rss(process.pid)
        process.go_on("taken")
        after = read_memory(process.pid)
        assert set(after) >= {"pss", "pss-anon", "pss-file", "uss", "rss", "vm-hwm"}
        for metric in ("pss", "pss-anon", "uss", "rss", "vm-hwm"):
            assert after[metric] - before[metric] >= TAKEN_BYTES * 0.99, metric
            assert after[metric] - before[metric] < TAKEN_BYTES * 1.2, metric
        assert after["pss-file"] - before["pss-file"] < TAKEN_BYTES * 0.02
        assert read_rss(process.pid) - before_rss >= TAKEN_BYTES * 0.99


@needs_proc
def test_the_parts_of_a_figure_make_the_whole() -> None:
    """PSS is its parts with and without a file; RSS too, where shared memory is not in use."""
    with holder() as process:
        full, cheap = read_memory(process.pid), read_cheap(process.pid)
    whole = full["pss-anon"] + full["pss-file"] + full["pss-shmem"]
    assert whole == pytest.approx(full["pss"], abs=10_000)
    assert cheap["rss-anon"] + cheap["rss-file"] == pytest.approx(cheap["rss"], abs=BATCH_BYTES)
    assert full["uss"] <= full["pss"] <= full["rss"]


def test_other_systems_say_which_metric_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without /proc there is RSS, and USS where the user may look; no figure takes the name of another."""
    monkeypatch.setattr("jarvis_bench.process_memory.HAS_PROC", False)
    assert set(read_memory(os.getpid())) == {"rss", "uss"}
    assert set(read_cheap(os.getpid())) == {"rss"}
    assert "RSS" in metrics_note()
    assert "Linux only" in metrics_note()


@needs_proc
def test_peak_stays_until_it_is_reset() -> None:
    """Memory given back leaves pss at once; the high-water mark remembers it until it is set to the present."""
    with holder() as process:
        process.go_on("taken")
        taken = read_memory(process.pid)
        process.go_on("given back")
        after = read_memory(process.pid)
        assert taken["pss"] - after["pss"] >= TAKEN_BYTES * 0.99
        assert after["vm-hwm"] >= taken["rss"] - BATCH_BYTES
        assert reset_peak(process.pid)
        reset = read_memory(process.pid)
        assert after["vm-hwm"] - reset["vm-hwm"] >= TAKEN_BYTES * 0.99
        assert reset["vm-hwm"] >= reset["rss"] - BATCH_BYTES


@needs_proc
def test_shared_pages_are_shared_out_in_pss_only() -> None:
    """Pss is what a process adds; rss counts what it shares with others in full."""
    found = read_memory(os.getpid())
    assert 0 < found["pss"] <= found["rss"] <= found["vm-hwm"] + BATCH_BYTES


def test_missing_process_is_an_error_with_its_number() -> None:
    """A process that is gone has no memory: that is said, never shown as 0."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    for read in (read_memory, read_cheap, read_rss):
        with pytest.raises(NothingMeasured, match=f"process {process.pid} cannot be read"):
            read(process.pid)
    assert not reset_peak(process.pid)


@needs_proc
def test_ended_process_is_an_error_before_it_is_collected() -> None:
    """A process that ended and that nobody waited for yet has no memory either."""
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(NothingMeasured):
            read_memory(process.pid)
