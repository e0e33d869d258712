"""What a notebook leaves running ends with it, and nothing else does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from jarvis_bench.kit.leftovers import RUN_MARK, end_marked_processes


@contextmanager
def sleeper(mark: str | None) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, as a kernel is, that would sleep for an hour."""
    environment = {**os.environ, **({RUN_MARK: mark} if mark else {})}
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(3600)"]
    with subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_only_the_marked_processes_end() -> None:
    """Another run's processes, and those of no run, live on."""
    mark = f"test {os.getpid()}"
    with sleeper(mark) as ours, sleeper(f"{mark} other") as other, sleeper(None) as stranger:
        assert end_marked_processes(mark) == 1
        assert not psutil.pid_exists(ours.pid)
        assert other.poll() is None
        assert stranger.poll() is None


def test_nothing_left_is_nothing_to_end() -> None:
    """The usual case: a notebook that cleaned up after itself."""
    assert end_marked_processes(f"nobody {os.getpid()}") == 0
