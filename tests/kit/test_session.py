"""A notebook writes where it is told to, and by hand into a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_bench.kit.session import open_run
from jarvis_bench.records import Decision, MemoryRow
from jarvis_bench.settings import CHECKOUT

ROW = MemoryRow("local", "speechbrain", "load", "pss", 400_000_000, 1.5)


def test_by_hand_results_go_into_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the working directory is, all notebooks that are run by hand share one folder."""
    monkeypatch.setenv("JARVIS_BENCH_HOME", str(tmp_path / "checkout"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    session = open_run("")
    session.keep_record("decision.json", Decision("docker", "ready"))
    assert (tmp_path / "checkout" / "reports" / "by-hand" / "decision.json").is_file()
    assert not list(elsewhere.iterdir())


def test_a_relative_folder_is_fixed_when_the_notebook_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook that changes its working directory later still writes to the same place."""
    monkeypatch.chdir(tmp_path)
    session = open_run("results")
    monkeypatch.chdir(CHECKOUT)
    session.keep_rows("memory.parquet", [ROW, ROW])
    assert len(session.folder.read_table("memory.parquet")) == 2
    assert (tmp_path / "results" / "memory.parquet").is_file()


def test_a_record_says_which_schema_it_has(tmp_path: Path) -> None:
    """Other programs read these files."""
    session = open_run(str(tmp_path))
    session.keep_record("decision.json", Decision(None, "no tier"))
    assert session.folder.read_json("decision.json") == {
        "schema_version": 1,
        "tier": None,
        "reason": "no tier",
        "starts": None,
    }


def test_the_claims_are_those_of_the_checkout(tmp_path: Path) -> None:
    """A notebook judges what data/claims.yaml lists."""
    assert open_run(str(tmp_path)).checks()
