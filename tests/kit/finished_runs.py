"""Two finished runs that differ in what a test wants."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.kit.tables import rows_table
from jarvis_bench.prober.rows import RequestRow
from jarvis_bench.records import as_json
from tests.report.finished_run import ENVIRONMENT, LATENCY, PHASES, RUN, write_results


def finished_run(
    path: Path,
    *,
    times: float = 1.0,
    ram: float = 1.0,
    environment: Mapping[str, Any] | None = None,
    status: str = "ok",
) -> RunFolder:
    """A run of the usual results, its service times and memory multiplied; `environment` is laid over the usual one."""
    folder = RunFolder(path)
    write_results(folder)
    rows = [_slower(row, times) for row in LATENCY]
    phases = [dataclasses.replace(row, bytes=round(row.bytes * ram)) for row in PHASES if row.bytes]
    folder.write_table("latency.parquet", rows_table(rows))
    folder.write_table("memory.parquet", rows_table(phases))
    folder.write_json("environment.json", {**ENVIRONMENT, **(environment or {})})
    first, *rest = RUN.notebooks
    notebooks = (first, *(dataclasses.replace(item, parameters=()) for item in rest))
    fields = as_json(dataclasses.replace(RUN, run_id=path.name, notebooks=notebooks))
    folder.write_json("run.json", {**fields, "status": status})
    return folder


def _slower(row: RequestRow, times: float) -> RequestRow:
    # The usual rows grow by 1 ms a request; a steady run has none of that.
    steady_ns = 100_000_000 if row.clip_s < 10 else 1_000_000_000
    wobble = 1 + (row.index * 7 % 5 - 2) / 200
    ended_ns = row.planned_ns + round(steady_ns * wobble * times)
    return dataclasses.replace(row, last_byte_ns=ended_ns, ended_ns=ended_ns)
