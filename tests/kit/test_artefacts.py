"""What a notebook keeps comes back as it was."""

from __future__ import annotations

import dataclasses

import pytest

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.artefacts import (
    read_await_audit,
    read_cloud_run_scenarios,
    read_cold_start,
    read_engine_scenarios,
    read_environment,
    read_fix,
    read_latency,
    read_memory,
    read_missing_await,
    read_reproductions,
    read_router_state,
    read_runtimes,
    read_sights,
    read_switching,
)
from jarvis_bench.kit.engine_scenarios import EngineScenario
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import rows_table
from jarvis_bench.kit.upstream_audit import Factory, NamedLine, UpstreamAudit
from jarvis_bench.records import RuntimeTiming, as_json
from tests.dashboard.router_states import STATE
from tests.report.finished_run import (
    AUDIT,
    CLOUD_RUN_SCENARIOS,
    ENVIRONMENT,
    FIX,
    LATENCY,
    LATENCY_FACTS,
    PHASES,
    RELATED,
    SIGHTS,
    START_UPS,
    TICKS,
    TIMELINE,
    start_up,
    write_results,
)
from tests.report.memory_rows import CHECKS, COLD_REPORT, GAPS, LINES, REPORT, STARTS
from tests.report.switching_rows import FACTS, ROWS, row

from .runtimes_report import make_report


@pytest.fixture
def folder(folder: RunFolder) -> RunFolder:
    """The results of a usual run."""
    write_results(folder)
    return folder


def test_measurements_come_back(folder: RunFolder) -> None:
    """Rows and facts."""
    latency, memory = read_latency(folder), read_memory(folder)
    assert (latency.rows, latency.ticks, latency.kept) == (LATENCY, TICKS, LATENCY_FACTS)
    assert [report.p50.seconds for report in latency.reports][:2] == [0.114, 1.005]
    assert (memory.phases, memory.timeline) == (PHASES, TIMELINE)
    assert (memory.checks, memory.lines) == (CHECKS, LINES)
    assert memory.facts == dataclasses.replace(REPORT, rows=())


def test_start_ups_and_their_relatives_come_back(folder: RunFolder) -> None:
    """Nested records and tuples included."""
    assert read_reproductions(folder) == list(START_UPS)
    found = read_missing_await(folder)
    assert (found.reproduction, found.related) == (start_up("v10.5", "docker-stopped"), RELATED)
    assert read_fix(folder) == FIX


def test_an_audit_comes_back(folder: RunFolder) -> None:
    """Findings, what tools see, and an upstream tree where there was one."""
    assert read_await_audit(folder) == AUDIT
    assert read_sights(folder) == list(SIGHTS)
    factory = Factory("get_port_manager", ("a.py:1",), ())
    upstream = UpstreamAudit(
        1,
        2,
        0,
        {"missing-await (certain)": 1},
        ("a.py:1",),
        (factory,),
        (NamedLine("a.py:1", "x", True, False),),
    )
    folder.write_json("await_audit.json", as_json(dataclasses.replace(AUDIT, upstream=upstream)))
    assert read_await_audit(folder).upstream == upstream


def test_a_comparison_of_runtimes_comes_back(folder: RunFolder) -> None:
    """Report and timings."""
    report, timing = make_report(("avx2",)), RuntimeTiming("onnx", 3.0, 0, 0.01)
    folder.write_json("runtimes.json", as_json(report))
    folder.write_table("runtimes.parquet", rows_table([timing]))
    found = read_runtimes(folder)
    assert (found.report, found.timings) == (report, (timing,))


def test_the_environment_comes_back(folder: RunFolder) -> None:
    """A plain object; anything else is told."""
    assert read_environment(folder) == dict(ENVIRONMENT)
    folder.write_json("environment.json", [1])
    with pytest.raises(UsageError, match=r"environment\.json"):
        read_environment(folder)


def test_cold_starts_come_back(folder: RunFolder) -> None:
    """Every sample and every request, and what is missing stays None."""
    found = read_cold_start(folder)
    assert found.rows == STARTS
    assert found.gaps == GAPS
    assert found.report == COLD_REPORT


def test_scenarios_come_back(folder: RunFolder) -> None:
    """As they were seen."""
    scenario = EngineScenario("running", "Docker: Ready", "not run: no engine")
    folder.write_table("engine_scenarios.parquet", rows_table([scenario]))
    assert read_engine_scenarios(folder) == [scenario]
    found = read_cloud_run_scenarios(folder)
    assert found == list(CLOUD_RUN_SCENARIOS)
    assert found[0].starts == 0
    assert found[-1].starts is None, "what was not measured is no zero"


def test_faults_come_back(folder: RunFolder) -> None:
    """Requests that nobody answered, the plan and the switches."""
    assert read_switching(folder, "measured") == (tuple(ROWS), FACTS)
    lost = [*ROWS, row(31, 10.0, None)]
    folder.write_table("switching_scripted.parquet", rows_table(lost))
    assert read_switching(folder, "scripted")[0] == tuple(lost)


def test_the_record_of_a_router_comes_back(folder: RunFolder) -> None:
    """Tiers with their figures, switches and changes."""
    assert read_router_state(folder) == STATE
