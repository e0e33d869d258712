"""Readings as this project usually finds them, and what goes with them."""

from __future__ import annotations

from jarvis_bench.kit.cold_start_report import ColdStartReport, summarise_starts
from jarvis_bench.kit.memory_report import ChecksSummary, MemoryReport
from jarvis_bench.memory.interactive import LineRow
from jarvis_bench.memory.known_sizes import SizeCheck
from jarvis_bench.memory.timeline import SamplerCost
from jarvis_bench.records import ColdStartRow, IdleGapRow, MemoryRow

MB = 1_000_000
LEVELS = {"before": 8, "imported": 40, "loaded": 50, "first clip": 168, "steady ×1": 168, "steady ×4": 173}
LEVELS |= {"longest clip": 140, "after idle": 140}
# How much larger than onnx in the model process.
FACTORS = {
    ("local", "server", "onnx"): 1.0,
    ("local", "server", "speechbrain"): 4.0,
    ("service", "server", "onnx"): 1.2,
    ("service", "server", "speechbrain"): 4.2,
}
PEAK = 220


def walk(tier: str, of: str, runtime: str, factor: float, condition: str = "usual") -> list[MemoryRow]:
    """One walk."""
    rows = []
    for number, (phase, level) in enumerate(LEVELS.items()):
        figures = {"pss": level, "uss": level - 2, "rss": level + 9, "pss-anon": level // 2}
        figures |= {"pss-file": level - level // 2, "vm-hwm": level + 50}
        rows += [
            MemoryRow(
                *(tier, runtime, phase, metric, int(value * factor * MB), float(number)),
                condition=condition,
                of=of,
            )
            for metric, value in figures.items()
        ]
    peak = int(PEAK * factor * MB)
    return [*rows, MemoryRow(tier, runtime, "peak", "vm-hwm", peak, 9.0, condition=condition, of=of)]


PHASES = (
    *(row for key, factor in FACTORS.items() for row in walk(*key, factor)),
    *walk("local", "server", "onnx", 1.3, "malloc plain"),
    *walk("cloud-run", "client", "onnx", 0.25),
    MemoryRow("service", "onnx", "imported", "pss", None, 0.0, note="it imports and loads by itself"),
)
TIMELINE = tuple(
    MemoryRow(tier, runtime, "loaded", metric, (100 + tenth) * MB, tenth / 10, of=of)
    for tier, of, runtime in [*FACTORS, ("cloud-run", "client", "onnx")]
    for tenth in range(20)
    for metric in ("rss", "pss")
)
REPORT = MemoryReport(
    rows=PHASES,
    weights="weights: seeded",
    cores="one core each",
    metrics="PSS, USS and VmHWM from the kernel",
    sampler=SamplerCost(0.1, 10.0, 90, 10, 0.03, 2.0),
    checks=ChecksSummary(40, 40, 0.006, 0.001),
    notes=("openvino: skipped, because it is not installed",),
)

CHECKS = (
    SizeCheck("touch every page", "pss", 100, 100, 100, 200, 201),
    SizeCheck("hold it for 50 ms", "vm-hwm", 100, 100, 100, 200, None),
)
LINES = (
    LineRow("encode", 54, "def encode(self, clips):", 76 * MB, None, 1),
    LineRow("encode", 55, "    raise UsageError", None, None, None),
)


def start(index: int, *, cold: bool | None, total_s: float | None, error: str | None = None) -> ColdStartRow:
    """One sample of the local tier."""
    return ColdStartRow(
        *("local", "onnx", "fresh interpreter", "measured", "warm"),
        index=index,
        cold=cold,
        total_s=total_s,
        process_s=0.1 if cold else None,
        import_s=0.3 if cold else None,
        load_s=0.05 if cold else None,
        first_inference_s=0.4 if cold else None,
        instance_id=f"i{index}" if error is None else None,
        request_index=0 if cold else 1,
        error=error,
    )


STARTS = (
    *(start(index, cold=True, total_s=0.9 + index / 100) for index in range(11)),
    *(start(index, cold=False, total_s=0.2) for index in range(11)),
    start(11, cold=None, total_s=None, error="the model process ended"),
)
GAPS = tuple(
    IdleGapRow("service", "onnx", "measured", gap, index, 0.2 + gap / 100, 0.19, cold=False)
    for gap in (0.0, 1.0, 10.0)
    for index in range(5)
)
COLD_REPORT = ColdStartReport(
    summaries=summarise_starts(STARTS),
    rows=STARTS,
    gaps=GAPS,
    weights="weights: seeded",
    cores="1 thread",
    notes=("onnx, page cache cold: before each start something was done",),
)
