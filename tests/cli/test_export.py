"""`jarvis-bench export`: one record, in words or as JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jarvis_bench.cli import app
from jarvis_bench.ecapa.weights import Weights


@pytest.mark.model
def test_the_record_names_the_graph_and_its_hash(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON alone on standard output; the hash is that of the file."""
    monkeypatch.setenv("JARVIS_BENCH_WEIGHTS", "seeded")
    done = CliRunner().invoke(app, ["export", "--json"])
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    graph = Path(record["graph"])
    assert record["weights_sha256"] == weights.sha256
    assert record["sha256"][graph.name] == hashlib.sha256(graph.read_bytes()).hexdigest()
    assert record["gflop_3s"] == pytest.approx(10.8, rel=0.01)
    assert str(graph) in CliRunner().invoke(app, ["export"]).stdout
