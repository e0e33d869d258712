"""What notebooks have left in a run's folder, read back: the other half of `keep_rows` and `keep_record`."""

from __future__ import annotations

from typing import Any

from jarvis_bench.errors import UsageError
from jarvis_bench.kit.measure import Facts, LatencyMeasurement, MemoryMeasurement, RuntimesMeasurement
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import latency_rows, memory_rows, reproductions, runtimes_report
from jarvis_bench.records import (
    Decision,
    DockerFinding,
    Json,
    Reproduction,
    RuntimeTiming,
    SecondCaller,
    Status,
)
from jarvis_bench.reproduction.related import (
    FixSize,
    MissingAwait,
    RelatedFaults,
    SilentAdapter,
    UnawaitedCall,
)


def read_environment(folder: RunFolder) -> dict[str, Json]:
    """The machine and its versions, from environment.json."""
    return _object(folder, "environment.json")


def read_latency(folder: RunFolder) -> LatencyMeasurement:
    """Every request, from latency.parquet and latency.json."""
    rows = tuple(latency_rows(folder.read_table("latency.parquet")))
    return LatencyMeasurement(rows, Facts(**_object(folder, "latency.json")))


def read_memory(folder: RunFolder) -> MemoryMeasurement:
    """Phases and timeline, from memory.parquet, memory_timeline.parquet and memory.json."""
    phases, timeline = (
        tuple(memory_rows(folder.read_table(name))) for name in ("memory.parquet", "memory_timeline.parquet")
    )
    return MemoryMeasurement(phases, timeline, Facts(**_object(folder, "memory.json")))


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
