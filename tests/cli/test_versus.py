"""`jarvis-bench versus`: what is wrong is told first; a real difference between real processes is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jarvis_bench.ecapa.weights import Weights
from jarvis_bench.settings import CHECKOUT

from .conftest import Command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["local:onxx", "local"], "'onnx'"),
        (["local", "no-such-thing"], "'no-such-thing'"),
        (["local", "local", "--processes", "3"], "7 or more"),
        (["local", "local", "--clip-seconds", "2"], "no clips of 2 s"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    command: Command, tmp_path: Path, arguments: list[str], said: str
) -> None:
    """Exit 2, one line."""
    finished = command("versus", *arguments, "--out", tmp_path / "reports")
    assert (finished.code, finished.out) == (2, "")
    assert said in finished.err
    assert not (tmp_path / "reports").exists()


@pytest.mark.model
def test_twice_the_time_is_slower_and_the_rows_are_kept(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: Weights
) -> None:
    """Exit 1; rows, record and page lie in a folder of their own."""
    monkeypatch.setenv("JARVIS_BENCH_HOME", str(CHECKOUT))
    monkeypatch.setenv("JARVIS_BENCH_WEIGHTS", "seeded")
    few = ["--processes", "7", "--requests", "2", "--json"]
    finished = command("versus", "local", "local,slowdown=1", *few, "--out", tmp_path)
    assert (finished.code, finished.record["verdict"]) == (1, "slower")
    assert finished.record["difference"]["ratio"] == pytest.approx(2, rel=0.2)
    (folder,) = tmp_path.glob("*-versus")
    assert {"environment.json", "versus.json", "versus.parquet", "index.html"} == {
        p.name for p in folder.iterdir()
    }
    assert json.loads((folder / "versus.json").read_text(encoding="utf-8")) == finished.record
