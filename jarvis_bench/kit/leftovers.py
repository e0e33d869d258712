"""End whatever a notebook left running: kernels, measuring and model processes, commands they started."""

from __future__ import annotations

import contextlib
import os

import psutil

RUN_MARK = "JARVIS_BENCH_RUN_MARK"
GRACE_S = 3.0


def end_marked_processes(mark: str) -> int:
    """Kill every process whose environment carries this run's mark; returns how many there were.

    Kernels start a session of their own, so neither the terminal's Ctrl-C nor a process group reaches them;
    the mark is inherited by all that they start.
    """
    victims = [process for process in psutil.process_iter() if _carries(process, mark)]
    for process in victims:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(victims, timeout=GRACE_S)
    return len(victims)


def _carries(process: psutil.Process, mark: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(RUN_MARK) == mark
    except (psutil.Error, OSError):
        return False
