"""Records survive the way through parquet: what was None is None again, not a number."""

from __future__ import annotations

from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import (
    client_ticks,
    latency_rows,
    memory_rows,
    reproductions,
    reproductions_table,
    rows_table,
)
from jarvis_bench.prober.rows import ClientTick
from jarvis_bench.records import (
    Decision,
    DockerFinding,
    MemoryRow,
    Reproduction,
    SecondCaller,
    Status,
)
from tests.prober.rows import request_row

FELL = Reproduction(
    version="v10.5",
    world="all-down",
    error="'coroutine' object has no attribute 'check_docker_installed'",
    docker=DockerFinding(Status.BROKEN, "exception", "❌ Docker: broken"),
    decision=Decision(None, "nothing is left"),
    seconds=0.25,
    longest_block_s=0.001,
    warnings=("coroutine was never awaited", "another"),
    second_caller=SecondCaller(same=True, ready=False),
    traceback="Traceback:\n  line",
    docker_starts=("systemctl start docker", "open -a Docker"),
)
STOOD = Reproduction(
    version="current",
    world="docker-ready",
    error=None,
    docker=DockerFinding(Status.READY, "ok", "Docker: Ready"),
    decision=Decision("docker", "Docker is ready"),
    seconds=0.5,
    longest_block_s=0.0,
    warnings=(),
    second_caller=SecondCaller(same=True, ready=True),
    docker_starts=(),
)


def test_start_ups_come_back_as_they_were(folder: RunFolder) -> None:
    """Nested records, missing errors and lists of warnings included."""
    folder.write_table("reproductions.parquet", reproductions_table([FELL, STOOD]))
    assert reproductions(folder.read_table("reproductions.parquet")) == [FELL, STOOD]


def test_start_ups_of_an_older_form_have_no_record_of_attempts(folder: RunFolder) -> None:
    """None, which is not the same as no attempt."""
    table = reproductions_table([FELL, STOOD]).drop(columns="docker_starts")
    folder.write_table("reproductions.parquet", table)
    assert [run.docker_starts for run in reproductions(folder.read_table("reproductions.parquet"))] == [
        None,
        None,
    ]


def test_a_column_of_nothing_comes_back_as_none(folder: RunFolder) -> None:
    """Where no start-up failed, no error is made up."""
    folder.write_table("reproductions.parquet", reproductions_table([STOOD]))
    assert reproductions(folder.read_table("reproductions.parquet")) == [STOOD]


def test_requests_come_back_as_they_were(folder: RunFolder) -> None:
    """Stamps keep every nanosecond, a failed request its error and no model time."""
    answered = request_row(last_byte_ns=2**62 + 1, model_s=0.01, request_index=3, reused=True)
    failed = request_row(outcome="failed", error="died")
    folder.write_table("latency.parquet", rows_table([answered, failed]))
    assert latency_rows(folder.read_table("latency.parquet")) == [answered, failed]


def test_ticks_come_back_as_they_were(folder: RunFolder) -> None:
    """Where the kernel does not tell, nothing is made up."""
    ticks = [
        ClientTick("run", 2**62 + 1, 0.001, 3, 0.5, 0.25, None),
        ClientTick("run", 7, 0.0, 0, 0.5, 0.25, 0.125),
    ]
    folder.write_table("latency_ticks.parquet", rows_table(ticks))
    assert client_ticks(folder.read_table("latency_ticks.parquet")) == ticks


def test_memory_readings_come_back_as_they_were(folder: RunFolder) -> None:
    """Bytes stay whole numbers, also beside one that is missing, which stays None."""
    rows = [MemoryRow("local", "speechbrain", "load", metric, 2**40 + 1, 0.5) for metric in ("pss", "rss")]
    rows.append(MemoryRow("docker", "onnx", "imported", "pss", None, 0.5, note="it loads by itself"))
    folder.write_table("memory.parquet", rows_table(rows))
    assert memory_rows(folder.read_table("memory.parquet")) == rows
