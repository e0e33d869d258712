"""`python -m tests.service.serve_process CORE serve …`: the command line, on one core and never orphaned."""

from __future__ import annotations

import os
import sys

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.cli import main

if __name__ == "__main__":
    end_with_parent()
    core = sys.argv.pop(1)
    if core != "None":
        os.sched_setaffinity(0, {int(core)})
    main()
