"""A folder keeps a measurement, with pyarrow or without."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.errors import OutputError
from jarvis_bench.prober.keeping import check_folder, keep
from jarvis_bench.prober.measurement import LoadMeasurement

from .rows import request_row

MEASURED = LoadMeasurement((), (request_row(),), (), (), (), (), "weights: seeded", interrupted=False)


def test_without_pyarrow_rows_are_lines_of_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost for want of an extra."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    keep(MEASURED, tmp_path)
    (line,) = (tmp_path / "requests.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["outcome"] == "ok"


def test_a_folder_that_cannot_be_made_is_told_before_measuring(tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--out"):
        check_folder(tmp_path / "file" / "below")
    check_folder(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
