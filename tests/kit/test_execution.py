"""A notebook is judged by the artefacts that it declared, not by its exit."""

from __future__ import annotations

import os
from dataclasses import replace

import pandas as pd
import pytest

from jarvis_bench.kit.execution import judge_artefacts
from jarvis_bench.kit.outcome import NotebookOutcome, NotebookStatus
from jarvis_bench.kit.run_folder import RunFolder

ENDED_WELL = NotebookOutcome("10_look", "Look", "What is there?", NotebookStatus.OK, seconds=1.0)


def test_a_notebook_that_wrote_what_it_declared_is_ok(folder: RunFolder) -> None:
    """Its artefacts are listed with size and digest."""
    folder.write_table("rows.parquet", pd.DataFrame({"a": [1]}))
    folder.write_json("facts.json", {"a": 1})
    outcome = judge_artefacts(ENDED_WELL, ("rows.parquet", "facts.json"), folder, {})
    assert outcome.status is NotebookStatus.OK
    assert [artefact.path for artefact in outcome.artefacts] == ["rows.parquet", "facts.json"]
    assert all(artefact.bytes and len(artefact.sha256) == 64 for artefact in outcome.artefacts)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("never.json", None),
        ("empty.json", b""),
        ("torn.json", b'{"a": '),
        ("null.json", b"null"),
        ("torn.parquet", b"PAR1 and then nothing"),
        ("text.parquet", b"a,b\n1,2\n"),
    ],
)
def test_an_artefact_that_is_missing_or_broken_fails_the_notebook(
    folder: RunFolder, name: str, content: bytes | None
) -> None:
    """The reason names the file, and only that one."""
    folder.write_json("good.json", [1])
    if content is not None:
        (folder.path / name).write_bytes(content)
    outcome = judge_artefacts(ENDED_WELL, ("good.json", name), folder, {})
    assert outcome.status is NotebookStatus.MISSING_ARTEFACT
    assert name in str(outcome.reason)
    assert "good.json" not in str(outcome.reason)


def test_a_table_without_rows_is_no_result(folder: RunFolder) -> None:
    """A notebook that measured nothing did not do what it declared."""
    folder.write_table("rows.parquet", pd.DataFrame({"a": []}))
    assert (
        judge_artefacts(ENDED_WELL, ("rows.parquet",), folder, {}).status is NotebookStatus.MISSING_ARTEFACT
    )


def test_a_file_of_somebody_else_does_not_count(folder: RunFolder) -> None:
    """A file that was there before and did not change was not written by this notebook."""
    path = folder.write_json("environment.json", {"cores": 2})
    older = {"environment.json": path.stat().st_mtime_ns}
    assert judge_artefacts(ENDED_WELL, ("environment.json",), folder, older).status is (
        NotebookStatus.MISSING_ARTEFACT
    )
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert judge_artefacts(ENDED_WELL, ("environment.json",), folder, older).status is NotebookStatus.OK


def test_a_failed_notebook_keeps_its_own_reason(folder: RunFolder) -> None:
    """That it then wrote nothing is no news; what it did write is kept."""
    folder.write_json("half.json", [1])
    failed = replace(ENDED_WELL, status=NotebookStatus.FAILED, reason="ValueError: no")
    outcome = judge_artefacts(failed, ("half.json", "never.json"), folder, {})
    assert (outcome.status, outcome.reason) == (NotebookStatus.FAILED, "ValueError: no")
    assert [artefact.path for artefact in outcome.artefacts] == ["half.json"]
