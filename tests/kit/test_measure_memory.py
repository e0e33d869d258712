"""Memory and cold starts, once through with as little as possible, in processes of their own."""

from __future__ import annotations

import dataclasses
import json
import sys

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.measure_memory import (
    cold_start_report,
    measure_cold_start,
    measure_memory,
    memory_report,
)
from jarvis_bench.kit.memory_report import compare_tables
from jarvis_bench.memory.phases import PHASES
from jarvis_bench.process_memory import HAS_PROC
from jarvis_bench.records import as_json
from tests.report.memory_rows import COLD_REPORT, REPORT


@pytest.fixture(autouse=True)
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights that the tests have."""
    monkeypatch.setenv("JARVIS_BENCH_WEIGHTS", "seeded")


async def test_a_name_that_does_not_exist_is_answered_with_the_nearest() -> None:
    """The error of the measuring process is the caller's error."""
    told = list[str]()
    with pytest.raises(UsageError, match=r"'onyx'.*'onnx'"):
        await measure_memory(["local"], runtimes=["onyx"], progress=told.append)
    with pytest.raises(UsageError, match="condition 'malloc plan'"):
        await measure_memory(["local"], conditions=["malloc plan"], progress=told.append)
    with pytest.raises(UsageError, match="tier 'locale'"):
        await measure_cold_start(["locale"], progress=told.append)
    with pytest.raises(UsageError, match=r"http://10.0.0.1: nothing can be started"):
        await measure_cold_start(["http://10.0.0.1"], progress=told.append)


@pytest.mark.model
@pytest.mark.skipif(not HAS_PROC, reason="pss and high-water marks are Linux's (/proc)")
async def test_one_runtime_is_walked_as_tier_and_by_its_client(weights: object) -> None:
    """Rows, samples, checks and facts; the model stays out of this process."""
    before = "onnxruntime" in sys.modules
    measured = await measure_memory(
        ["local", "client"],
        runtimes=["onnx"],
        conditions=["malloc plain"],
        repeats=1,
        idle_s=0.2,
        progress=list[str]().append,
    )
    assert {(row.tier, row.of, row.condition) for row in measured.phases} == {
        ("local", "server", "usual"),
        ("local", "server", "malloc plain"),
        ("cloud-run", "client", "usual"),
    }
    assert {row.phase for row in measured.phases} == set(PHASES)
    assert measured.timeline
    assert measured.facts.checks.good == measured.facts.checks.judged == len(measured.checks)
    assert 0 < (measured.facts.sampler.share or 0) < 0.1
    assert ("onnxruntime" in sys.modules) == before


@pytest.mark.model
async def test_one_runtime_is_started_cold_and_asked_after_rests(weights: object) -> None:
    """A cold and a warm sample, with the page cache as it is and without; requests after each rest."""
    measured = await measure_cold_start(
        ["local"],
        runtimes=["onnx"],
        repeats=1,
        cold_cache=["onnx"],
        gaps={0.0: 2},
        progress=list[str]().append,
    )
    assert [(row.cache, row.cold) for row in measured.rows[:2]] == [("warm", True), ("warm", False)]
    assert len(measured.gaps) == 2
    assert "page cache cold" in measured.facts.notes[0] or "cannot put files" in measured.facts.notes[0]


def test_records_come_back_from_json_as_they_were() -> None:
    """A report that is rebuilt from the run folder is the same report."""
    repeated = dataclasses.replace(REPORT, repeatability=compare_tables(REPORT.rows, REPORT.rows[:5]))
    for report in (REPORT, repeated):
        assert memory_report(json.loads(json.dumps(as_json(report)))) == report
    assert cold_start_report(json.loads(json.dumps(as_json(COLD_REPORT)))) == COLD_REPORT
