"""What notebooks have left in a run's folder, read back: the other half of `keep_rows` and `keep_record`."""

from __future__ import annotations

from typing import Any

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.cloud_run_scenarios import CloudRunScenario
from jarvis_bench.kit.engine_scenarios import EngineScenario
from jarvis_bench.kit.exhibit_audit import AwaitAudit, ExhibitFinding
from jarvis_bench.kit.linter_comparison import SightRow
from jarvis_bench.kit.measure import RuntimesMeasurement
from jarvis_bench.kit.measure_memory import (
    ColdStartMeasurement,
    MemoryMeasurement,
    cold_start_report,
    memory_report,
)
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.switching_records import SwitchedRequest, SwitchingFacts, switching_facts
from jarvis_bench.kit.tables import (
    client_ticks,
    latency_rows,
    memory_rows,
    plain_rows,
    reproductions,
    runtimes_report,
    sight_rows,
)
from jarvis_bench.kit.upstream_audit import Factory, NamedLine, UpstreamAudit
from jarvis_bench.memory.interactive import LineRow
from jarvis_bench.memory.known_sizes import SizeCheck
from jarvis_bench.prober.facts import facts_from_fields
from jarvis_bench.prober.load_report import reports
from jarvis_bench.prober.measurement import LoadMeasurement
from jarvis_bench.prober.plan import from_fields
from jarvis_bench.records import (
    ColdStartRow,
    Decision,
    DockerFinding,
    IdleGapRow,
    Json,
    Reproduction,
    RuntimeTiming,
    SecondCaller,
    Status,
    TierStatus,
)
from jarvis_bench.reproduction.related import (
    FixSize,
    MissingAwait,
    RelatedFaults,
    SilentAdapter,
    UnawaitedCall,
)
from jarvis_bench.selection.router_state import RouterState, state_from_fields


def read_environment(folder: RunFolder) -> dict[str, Json]:
    """The machine and its versions, from environment.json."""
    return _object(folder, "environment.json")


def read_latency(folder: RunFolder) -> LoadMeasurement:
    """Every request and tick, from latency.parquet, latency_ticks.parquet and latency.json."""
    rows = tuple(latency_rows(folder.read_table("latency.parquet")))
    ticks = tuple(client_ticks(folder.read_table("latency_ticks.parquet")))
    kept = _object(folder, "latency.json")
    facts = tuple(facts_from_fields(fields) for fields in kept["runs"])
    return LoadMeasurement(
        reports=reports(facts, rows, ticks),
        rows=rows,
        ticks=ticks,
        facts=facts,
        plans=tuple(from_fields(fields) for fields in kept["plans"]),
        skipped=tuple(TierStatus(**item | {"status": Status(item["status"])}) for item in kept["skipped"]),
        weights=kept["weights"],
        interrupted=any(fact.interrupted for fact in facts),
    )


def read_await_audit(folder: RunFolder) -> AwaitAudit:
    """What the auditor found, from await_audit.json."""
    fields = _object(folder, "await_audit.json")
    upstream = fields["upstream"]
    if upstream is not None:
        factories = tuple(Factory(**_tuples(factory)) for factory in upstream["factories"])
        lines = tuple(NamedLine(**line) for line in upstream.get("named_lines", ()))
        upstream = UpstreamAudit(**_tuples(upstream) | {"factories": factories, "named_lines": lines})
    findings = tuple(ExhibitFinding(**finding) for finding in fields["findings"])
    return AwaitAudit(findings, fields["fix_equals_v10_6"], upstream)


def read_sights(folder: RunFolder) -> list[SightRow]:
    """What each tool says of each fault, from which_tool.parquet."""
    return sight_rows(folder.read_table("which_tool.parquet"))


def read_memory(folder: RunFolder) -> MemoryMeasurement:
    """Phases, timeline, checks and lines, from memory.json and the parquet files beside it."""
    phases, timeline = (
        tuple(memory_rows(folder.read_table(name))) for name in ("memory.parquet", "memory_timeline.parquet")
    )
    checks = tuple(SizeCheck(**row) for row in plain_rows(folder.read_table("memory_checks.parquet")))
    lines = tuple(LineRow(**row) for row in plain_rows(folder.read_table("memory_lines.parquet")))
    return MemoryMeasurement(phases, timeline, checks, lines, memory_report(_object(folder, "memory.json")))


def read_cold_start(folder: RunFolder) -> ColdStartMeasurement:
    """Every start and every request after a rest, from cold_start.json and the parquet files beside it."""
    rows = tuple(ColdStartRow(**row) for row in plain_rows(folder.read_table("cold_start.parquet")))
    gaps = tuple(IdleGapRow(**row) for row in plain_rows(folder.read_table("idle_gaps.parquet")))
    return ColdStartMeasurement(rows, gaps, cold_start_report(_object(folder, "cold_start.json")))


def read_engine_scenarios(folder: RunFolder) -> list[EngineScenario]:
    """The document's scenarios on this machine's engine, from engine_scenarios.parquet."""
    rows: list[dict[str, Any]] = folder.read_table("engine_scenarios.parquet").to_dict("records")  # type: ignore[assignment]
    return [EngineScenario(**row) for row in rows]


def read_cloud_run_scenarios(folder: RunFolder) -> list[CloudRunScenario]:
    """The start-ups with an emulated Cloud Run, from cloud_run_scenarios.parquet."""
    rows = plain_rows(folder.read_table("cloud_run_scenarios.parquet"))
    return [CloudRunScenario(**row) for row in rows]


def read_switching(folder: RunFolder, how: str) -> tuple[tuple[SwitchedRequest, ...], SwitchingFacts]:
    """Every request and what holds for all of them, from switching_`how`.parquet and .json."""
    rows = plain_rows(folder.read_table(f"switching_{how}.parquet"))
    facts = switching_facts(_object(folder, f"switching_{how}.json"))
    return tuple(SwitchedRequest(**row) for row in rows), facts


def read_router_state(folder: RunFolder) -> RouterState:
    """The router's own record, from switching_state.json."""
    return state_from_fields(_object(folder, "switching_state.json"))


def read_runtimes(folder: RunFolder) -> RuntimesMeasurement:
    """The comparison of the runtimes, from runtimes.json and runtimes.parquet."""
    timings: list[dict[str, Any]] = folder.read_table("runtimes.parquet").to_dict("records")  # type: ignore[assignment]
    report = runtimes_report(_object(folder, "runtimes.json"))
    return RuntimesMeasurement(report, tuple(RuntimeTiming(**row) for row in timings))


def read_reproductions(folder: RunFolder) -> list[Reproduction]:
    """Every version in every world, from reproductions.parquet."""
    return reproductions(folder.read_table("reproductions.parquet"))


def read_fix(folder: RunFolder) -> FixSize:
    """The words that the fix changed, from fix.json."""
    return FixSize(**_tuples(_object(folder, "fix.json")))


def read_missing_await(folder: RunFolder) -> MissingAwait:
    """The bug in a real start-up and its relatives, from missing_await.json."""
    fields = _object(folder, "missing_await.json")
    related = fields["related"]
    faults = RelatedFaults(
        UnawaitedCall(**_tuples(related["call"])),
        SilentAdapter(**_tuples(related["adapter"])),
        related["missing_import_error"],
    )
    return MissingAwait(_reproduction(fields["reproduction"]), faults)


def _reproduction(fields: dict[str, Any]) -> Reproduction:
    docker = fields["docker"] | {"status": Status(fields["docker"]["status"])}
    nested = {
        "docker": DockerFinding(**docker),
        "decision": Decision(**fields["decision"]),
        "second_caller": SecondCaller(**fields["second_caller"]),
    }
    return Reproduction(**_tuples(fields) | nested)


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only; records hold tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _object(folder: RunFolder, name: str) -> dict[str, Any]:
    """The object in a JSON file, without its schema version.

    Raises:
        UsageError: the file holds something else.
    """
    value = folder.read_json(name)
    if not isinstance(value, dict):
        raise UsageError(f"{folder.path / name} holds no object")
    return {key: item for key, item in value.items() if key != "schema_version"}
