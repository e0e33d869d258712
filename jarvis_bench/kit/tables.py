"""Records as tables and back: the columns of the parquet files of a run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jarvis_bench.errors import MissingExtra
from jarvis_bench.kit.linter_comparison import SightRow
from jarvis_bench.prober.rows import ClientTick, RequestRow
from jarvis_bench.records import (
    Decision,
    DockerFinding,
    MemoryRow,
    Reproduction,
    RuntimeRow,
    RuntimesReport,
    SecondCaller,
    Status,
    VariedMemory,
)

try:
    import pandas as pd
except ModuleNotFoundError as exc:
    raise MissingExtra("pandas", "kit") from exc

# Fields of whole numbers that may be missing: a column with a missing number is one of floats.
WHOLE = frozenset({"independent_bytes", "rss_bytes", "increment_bytes", "times", "request_index", "starts"})

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def rows_table(rows: Sequence[DataclassInstance]) -> pd.DataFrame:
    """One row a record, one column a field; whole numbers stay whole where some are missing."""
    table = pd.DataFrame([dataclasses.asdict(row) for row in rows])
    for field in dataclasses.fields(rows[0]) if rows else ():
        if field.type == "int | None":
            table[field.name] = pd.array([getattr(row, field.name) for row in rows], dtype="Int64")
    return table


def latency_rows(table: pd.DataFrame) -> list[RequestRow]:
    """The records of latency.parquet."""
    return [RequestRow(**_plain(record)) for record in table.to_dict("records")]


def client_ticks(table: pd.DataFrame) -> list[ClientTick]:
    """The records of latency_ticks.parquet."""
    return [ClientTick(**_plain(record)) for record in table.to_dict("records")]


def sight_rows(table: pd.DataFrame) -> list[SightRow]:
    """The records of which_tool.parquet."""
    return [SightRow(**_plain(record)) for record in table.to_dict("records")]


def memory_rows(table: pd.DataFrame) -> list[MemoryRow]:
    """The records of memory.parquet."""
    rows = [_plain(record) for record in table.to_dict("records")]
    # A column with a missing number is one of floats.
    return [MemoryRow(**{**row, "bytes": _whole(row["bytes"])}) for row in rows]


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of any table, with None for what is missing, and whole numbers where all that is there is whole."""
    whole = {name for name in table.columns if _is_whole(table[name])}
    return [
        {
            name: int(value) if name in whole and value is not None and not isinstance(value, bool) else value
            for name, value in _plain(record).items()
        }
        for record in table.to_dict("records")
    ]


def _is_whole(values: pd.Series[Any]) -> bool:
    """Whether a column of floats is one of whole numbers with some missing."""
    return bool(pd.api.types.is_float_dtype(values)) and str(values.name) in WHOLE


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def reproductions_table(results: Sequence[Reproduction]) -> pd.DataFrame:
    """One row a version and world, nested records flattened."""
    return pd.DataFrame([_flat(result) for result in results])


def _flat(result: Reproduction) -> dict[str, object]:
    return {
        "version": result.version,
        "world": result.world,
        "tier": result.decision.tier,
        "decision_reason": result.decision.reason,
        "error": result.error,
        "docker_status": result.docker.status.value,
        "docker_cause": result.docker.cause,
        "docker_reason": result.docker.reason,
        "seconds": result.seconds,
        "longest_block_s": result.longest_block_s,
        "second_caller_same": result.second_caller.same,
        "second_caller_ready": result.second_caller.ready,
        "warnings": "\n".join(result.warnings),
        "traceback": result.traceback,
        "docker_starts": None if result.docker_starts is None else "\n".join(result.docker_starts),
    }


def reproductions(table: pd.DataFrame) -> list[Reproduction]:
    """The records of reproductions.parquet."""
    return [_reproduction(_plain(record)) for record in table.to_dict("records")]


def _reproduction(row: Mapping[str, Any]) -> Reproduction:
    text = {key: None if value is None else str(value) for key, value in row.items()}
    # A run of an older form did not record them.
    starts = text.get("docker_starts")
    return Reproduction(
        version=str(row["version"]),
        world=str(row["world"]),
        error=text["error"],
        docker=DockerFinding(
            Status(str(row["docker_status"])), str(row["docker_cause"]), str(row["docker_reason"])
        ),
        decision=Decision(text["tier"], str(row["decision_reason"])),
        seconds=float(row["seconds"]),
        longest_block_s=float(row["longest_block_s"]),
        warnings=tuple(str(row["warnings"]).splitlines()),
        second_caller=SecondCaller(bool(row["second_caller_same"]), bool(row["second_caller_ready"])),
        traceback=text["traceback"],
        docker_starts=None if starts is None else tuple(starts.splitlines()),
    )


def runtimes_report(content: Mapping[str, Any]) -> RuntimesReport:
    """The record of runtimes.json."""
    values = {name: value for name, value in content.items() if name != "schema_version"}
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    rows = tuple(RuntimeRow(**row) for row in values["rows"])
    varied = tuple(VariedMemory(**row) for row in values["varied"])
    return RuntimesReport(**{**values, **lists, "rows": rows, "varied": varied})


def _plain(record: Mapping[Hashable, Any]) -> dict[str, Any]:
    """pandas marks what is missing in several ways; records know only None."""
    return {str(key): None if _is_missing(value) else value for key, value in record.items()}


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA
