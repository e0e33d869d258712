"""The verdicts on RAM turn with the readings, and say what would make the claim true."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import rows_table
from jarvis_bench.records import MemoryRow
from jarvis_bench.report.evidence import Evidence, NoEvidence
from jarvis_bench.report.memory_judgements import MEMORY_JUDGEMENTS

from .memory_rows import MB, PHASES


def judged(folder: Path, check: str, rows: Sequence[MemoryRow]) -> tuple[str, str]:
    """Verdict and finding by these readings."""
    made = RunFolder(folder)
    made.write_table("memory.parquet", rows_table(rows))
    verdict, finding = MEMORY_JUDGEMENTS[check](Evidence(made))
    assert finding.endswith(".")
    assert "MB" in finding
    return verdict.value, finding


def scaled(factor: float, **fields: str) -> list[MemoryRow]:
    """The usual readings, some of them made larger or smaller."""
    return [
        dataclasses.replace(row, bytes=int(row.bytes * factor))
        if row.bytes is not None and all(getattr(row, name) == value for name, value in fields.items())
        else row
        for row in PHASES
    ]


CASES: tuple[tuple[str, float, dict[str, str], str], ...] = (
    ("local-2gb", 1.0, {}, "refuted"),
    ("local-2gb", 2.2, {"runtime": "speechbrain"}, "reproduced"),
    ("local-2gb", 6.0, {"runtime": "speechbrain"}, "refuted"),
    ("docker-500mb", 1.0, {}, "partly"),
    ("docker-500mb", 0.4, {"runtime": "speechbrain"}, "reproduced"),
    ("docker-500mb", 3.0, {}, "refuted"),
    ("ram-saved", 1.0, {}, "refuted"),
    ("ram-saved", 4.0, {"tier": "local"}, "reproduced"),
    ("cloud-run-no-local-ram", 1.0, {}, "partly"),
    ("cloud-run-no-local-ram", 3.0, {"of": "client"}, "refuted"),
    ("cloud-run-no-local-ram", 0.01, {"of": "client"}, "reproduced"),
)


@pytest.mark.parametrize(("check", "factor", "fields", "then"), CASES)
def test_a_verdict_turns_with_its_readings(
    tmp_path: Path, check: str, factor: float, fields: dict[str, str], then: str
) -> None:
    """Each has at least one set of readings that turns it."""
    verdict, finding = judged(tmp_path, check, scaled(factor, **fields))
    assert verdict == then
    assert ("For it to hold" in finding) == (then != "reproduced" and check != "ram-saved")


def test_a_container_goes_before_the_process_in_none(tmp_path: Path) -> None:
    """Its own peak decides, by its own metric."""
    peak = MemoryRow("docker", "speechbrain", "peak", "cgroup-peak", 400 * MB, 1.0)
    verdict, finding = judged(tmp_path, "docker-500mb", [*PHASES, peak])
    assert verdict == "reproduced"
    assert "400 MB (cgroup-peak)" in finding
    assert "no container" not in finding


@pytest.mark.parametrize("check", MEMORY_JUDGEMENTS)
def test_without_readings_there_is_no_verdict(tmp_path: Path, check: str) -> None:
    """What is missing is named; a reading that could not be had is none."""
    made = RunFolder(tmp_path)
    missing = [dataclasses.replace(row, bytes=None, note="not here") for row in PHASES]
    made.write_table("memory.parquet", rows_table(missing))
    with pytest.raises(NoEvidence):
        MEMORY_JUDGEMENTS[check](Evidence(made))


def test_a_runtime_that_no_container_ran_is_judged_by_its_process(tmp_path: Path) -> None:
    """A small container of one runtime says nothing of another's."""
    peak = MemoryRow("docker", "onnx", "peak", "cgroup-peak", 200 * MB, 1.0)
    verdict, finding = judged(tmp_path, "docker-500mb", [*PHASES, peak])
    assert verdict == "partly"
    assert "onnx 200 MB (cgroup-peak)" in finding
    assert "the least that a container can hold: speechbrain" in finding
