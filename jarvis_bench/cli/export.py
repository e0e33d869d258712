"""`jarvis-bench export`: the weights as one ONNX graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from jarvis_bench.cli.interrupts import run_async
from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was exported, and to where; `sha256` by file, `gflop_3s` counted from the shapes of the layers."""

    weights: str
    weights_sha256: str
    graph: Path
    sha256: dict[str, str]
    bytes: int
    gflop_3s: float


def export_weights(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Turn the model's weights into one ONNX graph from waveform to embedding.

    It is kept in the cache under the weights' hash, made only once, and the same bit for bit each time.
    """
    report = run_async(_export(read_settings()))
    if json:
        print_record(report)
    else:
        print_text(as_text(report))


async def _export(settings: Settings) -> ExportReport:
    from jarvis_bench.ecapa.exported import find_export
    from jarvis_bench.ecapa.weights import find_weights

    weights = await find_weights(settings)
    made = await find_export(weights)
    work = made.operations(3 * 16_000) / 1e9
    return ExportReport(weights.kind, weights.sha256, made.graph, made.sha256, made.bytes, work)


def as_text(report: ExportReport) -> str:
    """The record in words, one fact a line."""
    return "\n".join(
        [
            f"weights  {report.weights}, sha256 {report.weights_sha256}",
            f"graph    {report.graph}",
            *(f"sha256   {digest} {name}" for name, digest in report.sha256.items()),
            f"size     {report.bytes / 1e6:.1f} MB on disk",
            f"work     {report.gflop_3s:.1f} GFLOP for a 3 s clip (counted from the layers' shapes)",
        ]
    )
