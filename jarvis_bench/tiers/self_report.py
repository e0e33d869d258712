"""What a service says about its own memory, in Prometheus's text format at /metrics."""

from __future__ import annotations

import math

from jarvis_bench.tiers.tier import MemoryReading

METRICS = {"process_resident_memory_bytes": "rss", "process_virtual_memory_bytes": "virtual"}


def read_self_report(text: str, *, how: str = "self-reported") -> tuple[MemoryReading, ...]:
    """The memory of the process that answered, in bytes by metric; what is not there or no number is left out.

    Args:
        text: the answer of /metrics (Prometheus text format 0.0.4).
        how: what the readings are to be called.
    """
    readings = []
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name in METRICS and (amount := _amount(value)) is not None:
            readings.append(MemoryReading(METRICS[name], amount, how))
    return tuple(readings)


def _amount(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return round(number) if math.isfinite(number) and number > 0 else None
