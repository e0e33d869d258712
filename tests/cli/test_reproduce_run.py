"""`jarvis-bench reproduce-run`: a real run, once more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jarvis_bench.settings import Settings
from tests.kit.finished_runs import finished_run

from .conftest import Command


def test_what_is_no_run_or_no_share_is_told(command: Command, tmp_path: Path, checkout: Settings) -> None:
    """Exit 2, and nothing is written."""
    missing = command("reproduce-run", tmp_path / "none")
    assert (missing.code, missing.out) == (2, "")
    assert "run.json" in missing.err
    assert "--tolerance" in command("reproduce-run", tmp_path, "--tolerance", "0").err
    assert not (checkout.home / "reports").exists()


def test_a_run_of_other_notebooks_is_refused(command: Command, tmp_path: Path, checkout: Settings) -> None:
    """This checkout does not have them."""
    finished = command("reproduce-run", finished_run(tmp_path / "a").path)
    assert finished.code == 2
    assert "notebook '02_verify_fix'" in finished.err


@pytest.mark.notebooks
def test_a_run_is_reproduced_and_one_of_another_python_is_not(command: Command, checkout: Settings) -> None:
    """The same notebooks end as well as before; the record lies beside the new run."""
    assert command("run").code == 0
    first = (checkout.home / "reports" / "latest").resolve()
    finished = command("reproduce-run", first, "--json")
    assert (finished.code, finished.record["verdict"]) == (0, "reproduced")
    assert finished.record["original"] == first.name
    again = first.parent / str(finished.record["again"])
    assert json.loads((again / "reproduction.json").read_text(encoding="utf-8")) == finished.record
    assert "Reproduced" in (again / "reproduction.html").read_text(encoding="utf-8")

    environment: dict[str, Any] = json.loads((first / "environment.json").read_text(encoding="utf-8"))
    (first / "environment.json").write_text(json.dumps(environment | {"python": "3.9.1"}), encoding="utf-8")
    refused = command("reproduce-run", first)
    assert refused.code == 2
    assert "was 3.9.1" in refused.err
