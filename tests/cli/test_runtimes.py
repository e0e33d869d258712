"""`jarvis-bench runtimes`: the report as a table, as JSON, and as an exit code."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from jarvis_bench.cli import app
from jarvis_bench.cli.runtimes import as_text
from jarvis_bench.kit.measure import RuntimesMeasurement
from jarvis_bench.kit.runtime_goals import judge
from jarvis_bench.records import RuntimesReport
from tests.kit.runtimes_report import make_report

GOOD = make_report(cpu_features=("amx_bf16",))
FIELDS = {
    "runtime",
    "clip_s",
    "p50_s",
    "speedup",
    "cosine_min",
    "pss_loaded_bytes",
    "hwm_bytes",
    "first_embedding_s",
}


def run(monkeypatch: pytest.MonkeyPatch, report: RuntimesReport, *arguments: str) -> Any:
    """The command with a measurement that has been made before."""

    async def measured(*_: object, **__: object) -> RuntimesMeasurement:
        return RuntimesMeasurement(report, ())

    monkeypatch.setattr("jarvis_bench.kit.measure.measure_runtimes", measured)
    return CliRunner().invoke(app, ["runtimes", *arguments])


def test_json_has_the_fields_that_others_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and the matrix products of the machine."""
    done = run(monkeypatch, GOOD, "--json")
    record = json.loads(done.stdout)
    assert done.exit_code == 0
    assert all(row.keys() >= FIELDS for row in record["rows"])
    assert record["gemm_gflops"] == {"float32": 400.0, "bfloat16": 800.0}


def test_a_missed_threshold_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is printed all the same, and standard error says how many."""
    slow = dataclasses.replace(GOOD, rows=tuple(dataclasses.replace(row, speedup=1.0) for row in GOOD.rows))
    done = run(monkeypatch, slow)
    assert done.exit_code == 1
    assert "MISSED" in done.stdout
    assert "2 of 10 thresholds missed" in done.stderr


def test_the_table_shows_every_row_with_its_metrics() -> None:
    """Nine rows under a head that names PSS and VmHWM."""
    lines = as_text(GOOD, judge(GOOD)).splitlines()
    assert "PSS loaded" in lines[0]
    assert "VmHWM" in lines[0]
    assert sum(line.lstrip().startswith(("speechbrain ", "onnx ", "openvino ")) for line in lines) == 9
