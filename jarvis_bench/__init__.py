"""jarvis-bench: reproduce JARVIS's missing-await start-up bug and measure its speaker-embedding tiers.

The names below are what the notebooks use; each is loaded when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jarvis_bench.kit.environment import describe_environment
    from jarvis_bench.kit.latency import measure_latency
    from jarvis_bench.kit.measure import measure_runtimes
    from jarvis_bench.kit.measure_memory import measure_memory
    from jarvis_bench.kit.session import open_run
    from jarvis_bench.reproduction.related import exhibit_lines, fix_size, related_faults
    from jarvis_bench.reproduction.reproduce import expect_known_errors, reproduce, reproduce_all

__all__ = [
    "describe_environment",
    "exhibit_lines",
    "expect_known_errors",
    "fix_size",
    "measure_latency",
    "measure_memory",
    "measure_runtimes",
    "open_run",
    "related_faults",
    "reproduce",
    "reproduce_all",
]

_HOMES = {
    "describe_environment": "jarvis_bench.kit.environment",
    "exhibit_lines": "jarvis_bench.reproduction.related",
    "expect_known_errors": "jarvis_bench.reproduction.reproduce",
    "fix_size": "jarvis_bench.reproduction.related",
    "measure_latency": "jarvis_bench.kit.latency",
    "measure_memory": "jarvis_bench.kit.measure_memory",
    "measure_runtimes": "jarvis_bench.kit.measure",
    "open_run": "jarvis_bench.kit.session",
    "related_faults": "jarvis_bench.reproduction.related",
    "reproduce": "jarvis_bench.reproduction.reproduce",
    "reproduce_all": "jarvis_bench.reproduction.reproduce",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__]
