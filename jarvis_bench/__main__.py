"""`python -m jarvis_bench`: the command line without its script."""

from __future__ import annotations

from jarvis_bench.cli import main

if __name__ == "__main__":
    main()
