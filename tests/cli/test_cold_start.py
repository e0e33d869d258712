"""`jarvis-bench cold-start`: the samples as text, as JSON, and as an exit code."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from jarvis_bench.cli import app
from jarvis_bench.cli.cold_start import read_gaps
from jarvis_bench.errors import UsageError
from jarvis_bench.kit.cold_start_report import summarise_starts
from jarvis_bench.kit.measure_memory import ColdStartMeasurement
from jarvis_bench.records import ColdStartRow
from tests.report.memory_rows import COLD_REPORT, GAPS, STARTS


def run(
    monkeypatch: pytest.MonkeyPatch, rows: tuple[ColdStartRow, ...], *arguments: str
) -> tuple[Any, dict[str, Any]]:
    """The command with samples that have been taken before, and what it asked for."""
    asked: dict[str, Any] = {}

    async def measured(tiers: object, **fields: object) -> ColdStartMeasurement:
        asked.update(fields, tiers=tiers)
        facts = dataclasses.replace(COLD_REPORT, summaries=summarise_starts(rows), rows=(), gaps=())
        return ColdStartMeasurement(rows, GAPS, facts)

    monkeypatch.setattr("jarvis_bench.kit.measure_memory.measure_cold_start", measured)
    return CliRunner().invoke(app, ["cold-start", *arguments]), asked


def test_json_has_summaries_samples_and_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sample with its phases and its proof."""
    done, asked = run(
        monkeypatch, STARTS[:-1], "--json", "--runtime", "onnx", "--gaps", "0,1.5", "--cold-cache"
    )
    record = json.loads(done.stdout)
    assert done.exit_code == 0
    assert {"tier", "runtime", "cold", "import_s", "instance_id", "request_index"} <= record["rows"][0].keys()
    assert record["summaries"][0]["cold"] == 11
    assert len(record["gaps"]) == len(GAPS)
    assert (asked["gaps"], asked["cold_cache"]) == ({0.0: 11, 1.5: 11}, ["onnx"])


def test_a_failed_start_is_exit_code_1_and_none_at_all_4(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are printed."""
    done, _ = run(monkeypatch, STARTS)
    assert done.exit_code == 1
    assert "1 failed" in done.stdout
    done, _ = run(monkeypatch, STARTS[-1:])
    assert done.exit_code == 4


@pytest.mark.parametrize("text", ["a", "0,-1", "99999", "nan"])
def test_gaps_that_are_none_are_refused(text: str) -> None:
    """With an example of what is wanted."""
    with pytest.raises(UsageError, match="such as 0,1,10,60"):
        read_gaps(text)
    assert read_gaps("") == []
