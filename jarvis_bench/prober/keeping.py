"""Keep a measurement in a folder: rows as parquet (as JSON lines without pyarrow), plans and reports as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_bench.errors import OutputError
from jarvis_bench.prober.measurement import LoadMeasurement
from jarvis_bench.prober.plan import as_fields
from jarvis_bench.records import SCHEMA_VERSION, as_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def check_folder(folder: Path) -> None:
    """Make the folder, before anything is measured for it.

    Raises:
        OutputError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write"
        probe.touch()
        probe.unlink()
    except OSError as exc:
        raise OutputError(
            f"cannot write to {folder}: {exc.strerror}; choose another folder with --out"
        ) from exc


def keep(measured: LoadMeasurement, folder: Path) -> tuple[Path, ...]:
    """Write all of it; the rows are those that were measured, whatever the verdict.

    Raises:
        OutputError: the folder cannot be written.
    """
    written: list[Path] = []
    try:
        for name, rows in (("requests", measured.rows), ("ticks", measured.ticks)):
            written.append(_keep_rows(folder, name, rows))
        for number, plan in enumerate(measured.plans, start=1):
            fields = {"schema_version": SCHEMA_VERSION, **as_fields(plan)}
            written.append(_keep_json(folder / f"plan-{number}.json", fields))
        content = {
            "schema_version": SCHEMA_VERSION,
            "loads": [as_json(report) for report in measured.reports],
            "skipped": [as_json(status) for status in measured.skipped],
            "weights": measured.weights,
            "interrupted": measured.interrupted,
        }
        written.append(_keep_json(folder / "load.json", content))
    except OSError as exc:
        raise OutputError(
            f"cannot write to {folder}: {exc.strerror}; choose another folder with --out"
        ) from exc
    return tuple(written)


def _keep_rows(folder: Path, name: str, rows: Sequence[DataclassInstance]) -> Path:
    records = [dataclasses.asdict(row) for row in rows]
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path
    path = folder / f"{name}.parquet"
    pq.write_table(pa.Table.from_pylist(records), path)
    return path


def _keep_json(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
