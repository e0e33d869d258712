"""What a run left behind is read when asked for, and what it did not leave is said by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.report.evidence import Evidence, NoEvidence

from .finished_run import PEAK_BYTES, START_UPS, write_results


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run folder with all results of a usual run."""
    made = RunFolder(tmp_path)
    write_results(made)
    return made


def test_what_was_written_is_what_is_read(folder: RunFolder) -> None:
    """Start-ups by version and world, readings by phase and metric."""
    evidence = Evidence(folder)
    assert list(evidence.reproductions.values()) == list(START_UPS)
    assert evidence.startup("v10.7", "docker-ready").decision.tier == "docker"
    assert evidence.bytes_at("peak", "vm-hwm") == PEAK_BYTES
    assert [report.requests.ok for report in evidence.latency] == [30, 11, 100, 100, 100]


def test_what_is_missing_is_named(folder: RunFolder) -> None:
    """The version and world, the phase and metric, the file."""
    evidence = Evidence(folder)
    with pytest.raises(NoEvidence, match=r"v10\.5.*docker-stuck"):
        evidence.startup("v10.5", "docker-stuck")
    with pytest.raises(NoEvidence, match=r"pss.*peak"):
        evidence.bytes_at("peak", "pss")
    (folder.path / "fix.json").write_text("[]", encoding="utf-8")
    with pytest.raises(NoEvidence, match=r"fix\.json"):
        _ = evidence.fix


def test_weights_are_known_from_either_measurement(folder: RunFolder) -> None:
    """A run of the memory notebook alone knows them, too; without any measurement nobody does."""
    (folder.path / "latency.json").unlink()
    assert Evidence(folder).weights == "weights: seeded"
    (folder.path / "memory.json").unlink()
    with pytest.raises(NoEvidence):
        _ = Evidence(folder).weights
