"""The results of a run as this project usually finds them, made without running anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat

from jarvis_bench.kit.cloud_run_scenarios import CloudRunScenario
from jarvis_bench.kit.exhibit_audit import AwaitAudit, ExhibitFinding
from jarvis_bench.kit.linter_comparison import SightRow
from jarvis_bench.kit.outcome import (
    Artefact,
    FailingCell,
    NotebookOutcome,
    NotebookStatus,
    RunOutcome,
    RunStatus,
)
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import reproductions_table, rows_table
from jarvis_bench.prober.facts import NullFloor, RunFacts, WarmUp
from jarvis_bench.prober.measurement import LoadFacts
from jarvis_bench.prober.rows import ClientTick, RequestRow
from jarvis_bench.records import (
    Decision,
    DockerFinding,
    Json,
    MemoryRow,
    Reproduction,
    SecondCaller,
    Status,
    TierStatus,
    as_json,
)
from jarvis_bench.reproduction.related import (
    FixSize,
    MissingAwait,
    RelatedFaults,
    SilentAdapter,
    UnawaitedCall,
)
from jarvis_bench.reproduction.reproduce import EXPECTED_ERRORS, VERSIONS
from tests.dashboard.router_states import STATE
from tests.prober.rows import request_row

from .memory_rows import CHECKS, COLD_REPORT, GAPS, LINES, REPORT, STARTS
from .nodes import code, error, markdown, notebook, stream
from .switching_rows import FACTS as SWITCHING_FACTS
from .switching_rows import ROWS as SWITCHING

WORLDS = (
    "docker-not-installed",
    "docker-stopped",
    "docker-no-container",
    "docker-ready",
    "docker-hangs",
    "cloud-ready",
    "all-down",
    "low-ram",
)
SAID = {
    "docker-ready": DockerFinding(Status.READY, "ok", "✅ Docker: Ready (daemon running, container healthy)"),
    "docker-stopped": DockerFinding(Status.STOPPED, "daemon-not-running", "⚠️ Docker: Daemon not running"),
    "docker-not-installed": DockerFinding(Status.NOT_INSTALLED, "not-installed", "❌ Docker: Not installed"),
}
SILENT = DockerFinding(Status.BROKEN, "no-answer", "❌ Docker: no answer")
RUN_ID = "20270302T101500Z-quick"
MEMORY = {"before": 8, "imported": 290, "loaded": 398, "steady ×4": 430, "after idle": 567}
PEAK_BYTES = 952_000_000


def start_up(version: str, world: str) -> Reproduction:
    """What a version is known to do in a world."""
    expected = EXPECTED_ERRORS[version]
    found = SAID.get(world, SILENT)
    if expected is not None:
        found = DockerFinding(Status.BROKEN, "exception", f"❌ Docker: {expected}")
    blocked = version == "v10.7" and world == "docker-hangs"
    return Reproduction(
        version=version,
        world=world,
        error=expected,
        docker=found,
        decision=Decision(_tier(version, world), "as it does"),
        seconds=5.01 if blocked else 0.02,
        longest_block_s=5.0 if blocked else 0.001,
        warnings=("RuntimeWarning: coroutine was never awaited",) if version == "v10.5" else (),
        second_caller=SecondCaller(same=True, ready=version == "current"),
        traceback="Traceback" if expected else None,
        docker_starts=("systemctl start docker",) if version == "v10.7" and world == "docker-stopped" else (),
    )


def _tier(version: str, world: str) -> str | None:
    if world in {"all-down", "low-ram"}:
        return None
    if world == "docker-ready" and version in {"v10.7", "current"}:
        return "docker"
    return "cloud-run" if world == "cloud-ready" else "local"


CLOUD_RUN_SCENARIOS = (
    CloudRunScenario("healthy", "ready", "v10.6", "cloud-run", "cloud-run", "healthy", 0.02, 0, 0.1),
    CloudRunScenario("unhealthy", "killed", "v10.6", "local", "local", "memory free", 1.25, 2, 1.5),
    CloudRunScenario("cold", "a start takes 3 s", "v10.6", "", "cloud-run", "healthy", 3.75, 1, 4.1),
    CloudRunScenario("cold", "a start takes 3 s", "current", "", "", "not run: no aiohttp", None, None, None),
)
START_UPS = tuple(start_up(version, world) for world in WORLDS for version in VERSIONS)
RELATED = RelatedFaults(
    UnawaitedCall("coroutine", "DockerDaemonManager", ("RuntimeWarning: never awaited",)),
    SilentAdapter("coroutine", True, False, None, ()),
    "NameError: name 'Enum' is not defined",
)
FIX = FixSize(("await",), (), ("v10.5", "v10.6", "v10.7"))
AUDIT = AwaitAudit(
    tuple(
        ExhibitFinding(version, line, 5, rule, "certain", "a message", "evidence", "a fix", "source")
        for version, line, rule in (
            ("v10.5", 117, "missing-await"),
            ("v10.6", 108, "racy-async-singleton"),
            ("v10.6", 118, "missing-method"),
            ("v10.6", 121, "missing-method"),
        )
    ),
    fix_equals_v10_6=True,
    upstream=None,
)
SIGHTS = tuple(
    SightRow(
        linter,
        version,
        "none",
        "missing await",
        "v10_5.py",
        117,
        sight,
        line,
        "words" if line else "",
        3,
        0.5,
    )
    for linter, version, sight, line in (
        ("ruff", "1.0", "nothing", None),
        ("mypy", "1.0", "later", 118),
        ("ty", None, "not-installed", None),
        ("jarvis-bench audit", "0.1.0", "place", 117),
    )
)
PHASES = (
    *(
        MemoryRow("local", "speechbrain", phase, metric, megabytes * 1_000_000, 1.0 + number)
        for number, (phase, megabytes) in enumerate(MEMORY.items())
        for metric in ("pss", "rss", "vm-hwm")
    ),
    MemoryRow("local", "speechbrain", "peak", "vm-hwm", PEAK_BYTES, 5.0),
    MemoryRow("service", "speechbrain", "after idle", "pss", 580_000_000, 5.0),
    MemoryRow("service", "speechbrain", "peak", "vm-hwm", PEAK_BYTES, 5.0),
    MemoryRow("cloud-run", "onnx", "before", "pss", 12_000_000, 1.0, of="client"),
    MemoryRow("cloud-run", "onnx", "steady ×4", "pss", 41_000_000, 4.0, of="client"),
)
TIMELINE = tuple(
    MemoryRow("local", "speechbrain", "loaded", metric, (100 + tenth) * 1_000_000, tenth / 10)
    for tenth in range(40)
    for metric in ("rss", "pss")
)


def single(clip_s: float) -> str:
    """The key of the one caller's run."""
    return f"local {clip_s:g} s single"


def requests(clip_s: float, count: int, *, first_ms: int, warmup: int = 1) -> list[RequestRow]:
    """Answered requests of one clip length, each a millisecond slower than the one before."""
    return [
        request_row(
            run=single(clip_s),
            clip=f"clip of {clip_s:g} s",
            clip_s=clip_s,
            index=number,
            warmup=number < warmup,
            planned_ms=number * 1000,
            service_ms=first_ms + number - warmup,
            model_s=0.001,
        )
        for number in range(count + warmup)
    ]


def open_load(share: float, *, wait_ms: int) -> list[RequestRow]:
    """A hundred requests at a share of the peak of ten a second, which waited so long in the tier's queue."""
    return [
        request_row(
            run=f"local 3 s open-poisson {10 * share:g}/s",
            clip_s=3.0,
            index=number,
            planned_ms=round(number * 100 / share),
            service_ms=100 + wait_ms * (number % 5),
        )
        for number in range(100)
    ]


def facts_of(rows: Sequence[RequestRow], *, share: float | None = None, **changes: Any) -> RunFacts:
    """The facts of a run of the local tier, calibrated and warmed up."""
    last_ns = max(row.ended_ns for row in rows)
    facts = RunFacts(
        *("local", "onnx", rows[0].clip_s, 1, "one core each", True),
        run=rows[0].run,
        load="single" if share is None else f"open-poisson {10 * share:g}/s",
        scenario="single" if share is None else "open-poisson",
        duration_s=last_ns / 1e9,
        rate_per_s=0.0 if share is None else 10 * share,
        started_ns=0,
        ended_ns=last_ns,
        share=share,
        floor=NullFloor(20, 20.0, 0.0006, None, 0.02, 2500.0),
        warmup=WarmUp(3, 12, True, 0.2, 0.1),
    )
    return dataclasses.replace(facts, **changes)


def ticks_of(facts: RunFacts, rows: Sequence[RequestRow]) -> list[ClientTick]:
    """A client that was on time, ten ticks a second, and saw what was under way."""
    return [
        ClientTick(facts.run, due_ns, 0.0005, _under_way(rows, due_ns), 0.005 * number, 0.001 * number, 0.0)
        for number in range(max(2, int(facts.duration_s * 10)))
        for due_ns in [number * 100_000_000 + 7_000_000]
    ]


def _under_way(rows: Sequence[RequestRow], at_ns: int) -> int:
    return sum(row.planned_ns <= at_ns < row.ended_ns for row in rows if not row.warmup)


LOADS = (
    (requests(3.0, 30, first_ms=100), None),
    (requests(30.0, 11, first_ms=1000), None),
    *((open_load(share, wait_ms=round(20 * share)), share) for share in (0.25, 0.5, 0.75)),
)
LATENCY = tuple(row for rows, _ in LOADS for row in rows)
LATENCY_FACTS = LoadFacts(
    "weights: seeded",
    tuple(facts_of(rows, share=share) for rows, share in LOADS),
    (),
    (TierStatus("docker", Status.STOPPED, "no-container", "Docker: Daemon running, no container"),),
)
TICKS = tuple(
    tick for (rows, _), facts in zip(LOADS, LATENCY_FACTS.runs, strict=True) for tick in ticks_of(facts, rows)
)
ENVIRONMENT: Mapping[str, Any] = {
    "python": "3.11.9",
    "cpu": "Imaginary 9000",
    "cpu_features": ["avx2"],
    "cores": 2,
    "ram_total_bytes": 16_000_000_000,
    "commit": None,
    "packages": {"torch": "2.13.0", "docker": None},
}
FACTS: Mapping[str, Json] = {"schema_version": 1, "weights": "weights: seeded", "cores": "one core each"}


def write_results(folder: RunFolder) -> None:
    """All that the notebooks of a run leave behind, as data."""
    folder.write_table("reproductions.parquet", reproductions_table(START_UPS))
    folder.write_table("cloud_run_scenarios.parquet", rows_table(CLOUD_RUN_SCENARIOS))
    folder.write_json(
        "missing_await.json", as_json(MissingAwait(start_up("v10.5", "docker-stopped"), RELATED))
    )
    folder.write_json("fix.json", as_json(FIX))
    folder.write_json("await_audit.json", as_json(AUDIT))
    folder.write_table("which_tool.parquet", rows_table(SIGHTS))
    folder.write_table("latency.parquet", rows_table(LATENCY))
    folder.write_table("latency_ticks.parquet", rows_table(TICKS))
    folder.write_json("latency.json", as_json(LATENCY_FACTS))
    folder.write_table("memory.parquet", rows_table(PHASES))
    folder.write_table("memory_timeline.parquet", rows_table(TIMELINE))
    folder.write_json("memory.json", as_json(dataclasses.replace(REPORT, rows=())))
    folder.write_table("memory_checks.parquet", rows_table(CHECKS))
    folder.write_table("memory_lines.parquet", rows_table(LINES))
    folder.write_json("cold_start.json", as_json(dataclasses.replace(COLD_REPORT, rows=(), gaps=())))
    folder.write_table("cold_start.parquet", rows_table(STARTS))
    folder.write_table("idle_gaps.parquet", rows_table(GAPS))
    for how in ("measured", "scripted"):
        folder.write_table(f"switching_{how}.parquet", rows_table(SWITCHING))
        folder.write_json(f"switching_{how}.json", as_json(SWITCHING_FACTS))
    folder.write_json("switching_state.json", as_json(STATE))
    folder.write_json("environment.json", dict(ENVIRONMENT))


GOOD = NotebookOutcome(
    name="02_verify_fix",
    title="The fix",
    question="Does it help?",
    status=NotebookStatus.OK,
    seconds=12.0,
    parameters=(("worlds", []),),
    artefacts=(Artefact("reproductions.parquet", 4_096, "ab" * 32),),
    ipynb="notebooks/02_verify_fix.ipynb",
    log="logs/02_verify_fix.log",
)
FAILED = dataclasses.replace(
    GOOD,
    name="20_memory",
    title="RAM",
    question="How much?",
    status=NotebookStatus.FAILED,
    reason="NothingMeasured: the process died",
    failing_cell=FailingCell(1, "measure", "Measure"),
    artefacts=(),
    ipynb="notebooks/20_memory.ipynb",
    log=None,
)
NOT_RUN = NotebookOutcome("90_claims", "Claims", "Which are true?", NotebookStatus.NOT_RUN)
RUN = RunOutcome(
    RUN_ID, "quick", "2027-03-02T10:15:00+00:00", RunStatus.FAILED, 30.0, (GOOD, FAILED, NOT_RUN)
)


def write_run(folder: RunFolder) -> None:
    """A whole run: its results, one notebook that ended well, one that failed, one that never ran."""
    write_results(folder)
    title = markdown("# Title\n\nQuestion?", name="title")
    good = notebook(title, code("print('all is well')", stream("all is well\n"), name="show"))
    died = notebook(title, code("measure()", error("NothingMeasured", "the process died"), name="measure"))
    for item, content in ((GOOD, good), (FAILED, died)):
        folder.write_text(str(item.ipynb), nbformat.writes(content))
    folder.write_text(str(GOOD.log), "a line\n")
    folder.write_json("run.json", as_json(RUN))
