"""What the runtimes must reach, judged from their report: ratios within one run, and bytes with their metric."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jarvis_bench.records import RuntimeRow, RuntimesReport

MB = 1e6
FASTER = 1.5
ROOM = 0.9
# (clip length in seconds, limit in bytes) of VmHWM of the onnx process.
ONNX_PEAKS = ((10.0, 240 * MB), (30.0, 350 * MB))


@dataclass(frozen=True, slots=True)
class Goal:
    """One threshold; `met` is None where it could not be judged, and `measured` then says why."""

    text: str
    measured: str
    met: bool | None


def judge(report: RuntimesReport) -> tuple[Goal, ...]:
    """Every goal that the report can speak about."""
    rows = {(row.runtime, row.clip_s): row for row in report.rows}
    goals = [*_speed(report, rows), *_memory(report, rows)]
    return tuple(goals)


def _speed(report: RuntimesReport, rows: dict[tuple[str, float], RuntimeRow]) -> Iterator[Goal]:
    onnx, openvino = rows.get(("onnx", 3.0)), rows.get(("openvino", 3.0))
    if onnx is not None:
        yield _faster(onnx, rows.get(("speechbrain", 3.0)))
        if onnx.limit_share is not None:
            yield _at_least("onnx, 3 s clip: 60 % of the float32 limit", onnx.limit_share, 0.6, "{:.0%}")
    if openvino is not None and "amx_bf16" in report.cpu_features:
        yield _at_least("openvino, 3 s clip: 6 × as fast as speechbrain", openvino.speedup, 6, "{:.2f} ×")
    elif openvino is not None:
        why = f"skipped, because this CPU has no AMX (measured: {openvino.speedup:.2f} ×)"
        yield Goal("openvino, 3 s clip: 6 × as fast as speechbrain", why, None)
    others = [row for row in report.rows if row.runtime != "speechbrain"]
    if others:
        slowest = min(others, key=lambda row: row.speedup)
        text = f"{slowest.speedup:.2f} × ({slowest.runtime}, {slowest.clip_s:g} s)"
        yield Goal("no runtime slower than speechbrain at any length", text, slowest.speedup >= 1)


def _faster(onnx: RuntimeRow, reference: RuntimeRow | None) -> Goal:
    """1.5 × speechbrain, where the machine leaves room for it.

    Both compute the same products in float32. Where speechbrain itself reaches a share s of the fastest product of
    the machine, 1/s × is the end, and nobody gets beyond `ROOM` of it.
    """
    text = f"onnx, 3 s clip: {FASTER:g} × as fast as speechbrain"
    share = reference.limit_share if reference is not None else None
    if onnx.speedup < FASTER and share is not None and FASTER * share > ROOM:
        why = f"out of reach here, because speechbrain reaches {share:.0%} of this machine's float32 limit"
        return Goal(text, f"{why} (measured: {onnx.speedup:.2f} ×)", None)
    return _at_least(text, onnx.speedup, FASTER, "{:.2f} ×")


def _memory(report: RuntimesReport, rows: dict[tuple[str, float], RuntimeRow]) -> Iterator[Goal]:
    onnx = next((row for row in report.rows if row.runtime == "onnx"), None)
    if onnx is None:
        return
    yield _at_most("onnx: PSS once loaded 160 MB", onnx.pss_loaded_bytes, 160 * MB, _megabytes)
    for seconds, limit in ONNX_PEAKS:
        if (row := rows.get(("onnx", seconds))) is not None:
            text = f"onnx, {seconds:g} s clips: VmHWM {limit / MB:.0f} MB"
            yield _at_most(text, row.hwm_bytes, limit, _megabytes)
    for varied in (one for one in report.varied if one.runtime == "onnx"):
        change = varied.late_pss_bytes / varied.early_pss_bytes - 1
        text = (
            f"onnx: PSS after {varied.late} clips of varied length within 10 % of that after {varied.early}"
        )
        yield Goal(text, f"{change:+.1%}", abs(change) <= 0.1)
    yield _at_most(
        "onnx: process start to first embedding 0.6 s", onnx.first_embedding_s, 0.6, lambda s: f"{s:.2f} s"
    )
    yield _at_most(
        "onnx: to a first served embedding 1.0 s", onnx.served_first_s, 1.0, lambda s: f"{s:.2f} s"
    )


def _at_least(text: str, value: float, limit: float, shown: str) -> Goal:
    return Goal(text, shown.format(value), value >= limit)


def _at_most(text: str, value: float | None, limit: float, show: Callable[[float], str]) -> Goal:
    if value is None:
        return Goal(text, "this system does not say", None)
    return Goal(text, show(value), value <= limit)


def _megabytes(value: float) -> str:
    return f"{value / MB:.0f} MB"
