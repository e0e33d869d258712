"""`python -m tests.dashboard.page_process`: a dashboard over scripted tiers in a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from jarvis_bench.child_process import end_with_parent
from tests.dashboard.serving import serving


@contextlib.contextmanager
def page_process() -> Iterator[tuple[int, int]]:
    """Its port and its process."""
    command = [sys.executable, "-m", "tests.dashboard.page_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
        process.kill()


if __name__ == "__main__":
    end_with_parent()
    with serving() as here:
        sys.stdout.write(f"{here.port}\n")
        sys.stdout.flush()
        here.ended.wait()
