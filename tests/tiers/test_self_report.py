"""The memory that a service reports about itself."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from jarvis_bench.process_memory import read_memory
from jarvis_bench.tiers.self_report import read_self_report

TEXT = """# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.93720320e+08
process_virtual_memory_bytes NaN
jarvis_ready 1.0
"""


def test_known_figures_are_read_with_their_metric() -> None:
    (reading,) = read_self_report(TEXT)
    assert (reading.metric, reading.bytes, reading.how) == ("rss", 193_720_320, "self-reported")


def test_what_is_no_number_is_absent() -> None:
    for text in ("", "process_resident_memory_bytes", "process_resident_memory_bytes x", "<html>"):
        assert read_self_report(text) == ()


def test_it_reads_what_the_real_library_writes() -> None:
    import os

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    readings = {
        reading.metric: reading.bytes for reading in read_self_report(generate_latest(registry).decode())
    }
    assert abs(readings["rss"] / read_memory(os.getpid())["rss"] - 1) < 0.2
