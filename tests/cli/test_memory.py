"""`jarvis-bench memory`: the table as text, as JSON, and as an exit code."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from jarvis_bench.cli import app
from jarvis_bench.kit.measure_memory import MemoryMeasurement
from jarvis_bench.kit.memory_report import ChecksSummary, MemoryReport
from tests.report.memory_rows import PHASES, REPORT

FIELDS = {"tier", "runtime", "phase", "metric", "bytes"}


def run(monkeypatch: pytest.MonkeyPatch, report: MemoryReport, *arguments: str) -> tuple[Any, dict[str, Any]]:
    """The command with a measurement that has been made before, and what it asked for."""
    asked: dict[str, Any] = {}

    async def measured(tiers: object, **fields: object) -> MemoryMeasurement:
        asked.update(fields, tiers=tiers)
        return MemoryMeasurement(PHASES, (), (), (), dataclasses.replace(report, rows=()))

    monkeypatch.setattr("jarvis_bench.kit.measure_memory.measure_memory", measured)
    return CliRunner().invoke(app, ["memory", *arguments]), asked


def test_json_has_the_fields_that_others_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row a reading; what was not measured is null."""
    done, asked = run(monkeypatch, REPORT, "--json", "--tier", "local", "--runtime", "onnx")
    record = json.loads(done.stdout)
    assert done.exit_code == 0
    assert all(row.keys() >= FIELDS for row in record["rows"])
    assert None in {row["bytes"] for row in record["rows"]}
    assert 0 not in {row["bytes"] for row in record["rows"]}
    assert (asked["tiers"], asked["runtimes"]) == (["local"], ["onnx"])


def test_the_text_has_every_metric_and_the_sampler(monkeypatch: pytest.MonkeyPatch) -> None:
    """For people."""
    done, asked = run(monkeypatch, REPORT, "--condition", "all")
    assert done.exit_code == 0
    assert "VmHWM" in done.stdout
    assert "The sampler took" in done.stdout
    assert len(asked["conditions"]) == 4


def test_a_failed_check_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is printed all the same."""
    bad = dataclasses.replace(REPORT, checks=ChecksSummary(4, 3, 0.5, 0.0))
    done, _ = run(monkeypatch, bad, "--twice")
    assert done.exit_code == 1
    assert "1 of 4 checks" in done.stderr
