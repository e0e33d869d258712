"""What a run came to survives its JSON form, and says with which code the command ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jarvis_bench.kit.outcome import (
    Artefact,
    FailingCell,
    NotebookOutcome,
    NotebookStatus,
    RunOutcome,
    RunStatus,
    read_outcome,
)
from jarvis_bench.records import as_json

FAILED = NotebookOutcome(
    name="10_look",
    title="Look",
    question="What is there?",
    status=NotebookStatus.FAILED,
    seconds=1.5,
    reason="ValueError: no",
    failing_cell=FailingCell(3, "cell-0", "Look"),
    parameters=(("count", 3), ("lengths", [1.0, 2.0])),
    artefacts=(Artefact("rows.parquet", 10, "ab" * 32),),
    ipynb="notebooks/10_look.ipynb",
    html="10_look.html",
    log="logs/10_look.log",
)
NOT_RUN = NotebookOutcome("20_dig", "Dig", "How deep?", NotebookStatus.NOT_RUN)
RUN = RunOutcome(
    "20270302T101500Z-quick", "quick", "2027-03-02T10:15:00+00:00", RunStatus.FAILED, 2.5, (FAILED, NOT_RUN)
)


def test_a_run_comes_back_from_its_json_as_it_was() -> None:
    """Whoever reads run.json reads what the runner knew."""
    fields: dict[str, Any] = as_json(RUN)
    assert fields.pop("schema_version") == 1
    assert read_outcome(fields) == RUN


@pytest.mark.parametrize(
    ("status", "code"), [(RunStatus.OK, 0), (RunStatus.FAILED, 1), (RunStatus.INTERRUPTED, 130)]
)
def test_the_exit_code_follows_the_status(status: RunStatus, code: int) -> None:
    """0 ok, 1 a notebook failed, 130 interrupted."""
    assert replace(RUN, status=status).exit_code == code
