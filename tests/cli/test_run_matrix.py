"""`jarvis-bench run --matrix`: real notebooks, cell by cell, and taken up where it stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from jarvis_bench.settings import Settings
from tests.kit.throwaway import Throwaway, end_processes_of, make_checkout, processes_of, wait_for

from .conftest import PROGRAM, Command, environment_of

# Its second cell waits for ever the first time, and does not the second time.
WAITS = """\
import time
from pathlib import Path
if count == 2 and not Path(out_dir, "waited").exists():
    Path(out_dir, "waited").touch()
    time.sleep(3600)
Path(out_dir, "count.json").write_text(str([count]))"""
MATRIX = "notebook: 10_count\nloads:\n  - {count: 1}\n  - {count: 2}\n"


def test_a_mistake_in_the_file_is_told_before_anything_is_written(
    command: Command, checkout: Settings, tmp_path: Path
) -> None:
    """As is one on the command line: the file says which notebook and parameters."""
    path = tmp_path / "matrix.yaml"
    path.write_text("notebook: 99_none\n", encoding="utf-8")
    wrong = command("run", "--matrix", path)
    both = command("run", "--matrix", path, "--set", "count=1")
    assert (wrong.code, both.code) == (2, 2)
    assert "'99_none'" in wrong.err
    assert "--matrix goes with" in both.err
    assert not (checkout.home / "reports").exists()


@pytest.mark.notebooks
def test_an_interrupted_matrix_keeps_its_cells_and_is_taken_up_again(tmp_path: Path) -> None:
    """Ctrl-C in the second cell: exit 130; the next call keeps the first and measures the second."""
    home = tmp_path / "checkout"
    make_checkout(home, Throwaway("10_count", (WAITS,), ("count.json",)))
    (tmp_path / "two.yaml").write_text(MATRIX, encoding="utf-8")
    call = [str(PROGRAM), "run", "--matrix", str(tmp_path / "two.yaml"), "--json"]
    environment = environment_of(home)
    with subprocess.Popen(
        call,
        env=environment,
        cwd=tmp_path,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            wait_for(home / "reports", "*/cells/*/waited")
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
            end_processes_of(home)
    assert (process.returncode, json.loads(out)["status"]) == (130, "interrupted")
    assert "Traceback" not in err
    assert processes_of(home) == []

    again = subprocess.run(call, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    record = json.loads(again.stdout)
    assert (again.returncode, [cell["kept"] for cell in record["cells"]]) == (0, [True, False])
    (folder,) = (home / "reports").glob("matrix-two-*")
    counts = sorted(path.read_text(encoding="utf-8") for path in folder.glob("cells/*/count.json"))
    assert counts == ["[1]", "[2]"]
    assert "2 of 2 cells measured, 1 of them by an earlier call" in (folder / "index.html").read_text(
        encoding="utf-8"
    )
    assert len(list(folder.glob("cells/*/index.html"))) == 2
