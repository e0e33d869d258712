"""The process that executes one notebook; the only module that knows papermill.

`python -m … JOB.json`: progress and the outcome go to standard output as lines of JSON, what the cells print
goes to the log. A process of its own, because a hung or dying kernel must not take the runner with it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.iorw import LocalHandler, papermill_io

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.kit.run_folder import RunFolder

KERNEL = "python3"
KERNEL_START_S = 60


class WholeFiles(LocalHandler):  # type: ignore[misc]  # papermill has no types
    """The executed notebook as it grows: all or nothing, for this process may be killed at any moment."""

    def write(self, buf: str, path: str) -> None:
        """Papermill's hook, after each cell; its notes lose this machine's paths, for they are published."""
        notebook = json.loads(buf)
        for key in ("input_path", "output_path"):
            notebook["metadata"].get("papermill", {}).pop(key, None)
        RunFolder(Path(path).parent).write_json(Path(path).name, notebook)


@dataclass(slots=True)
class Reporter:
    """Tells the parent which cell runs; a code cell is known by the heading above it."""

    sink: IO[str]
    heading: str = ""
    cell: dict[str, Any] | None = None
    started_s: float = 0.0

    def send(self, event: str, **fields: Any) -> None:
        """One line for the parent."""
        self.sink.write(json.dumps({"event": event, **fields}) + "\n")
        self.sink.flush()

    def on_cell_start(self, cell: Any, cell_index: int) -> None:
        """nbclient's hook: a cell begins."""
        if cell.cell_type != "code":
            self.heading = _heading(cell) or self.heading
            return
        self.started_s = time.perf_counter()
        self.cell = {"index": cell_index, "id": cell.get("id", ""), "title": self.heading}
        self.send("cell-start", **self.cell)

    def on_cell_executed(self, cell: Any, cell_index: int, execute_reply: Any) -> None:
        """nbclient's hook: a cell ended well or with an error."""
        if execute_reply["content"]["status"] == "ok":
            self.send("cell-done", index=cell_index, seconds=time.perf_counter() - self.started_s)
            self.cell = None


def main(job_path: str) -> int:
    """Execute the notebook that the job names."""
    end_with_parent()
    job = json.loads(Path(job_path).read_text(encoding="utf-8"))
    # The kernel's connection file stays behind when this process is killed: in the run's folder, not in /tmp.
    tempfile.tempdir = job["cwd"]
    papermill_io.register("/", WholeFiles())
    # Only our lines may reach the parent's pipe; whatever libraries print goes to the log.
    sink = os.fdopen(os.dup(1), "w", encoding="utf-8")
    reporter = Reporter(sink)
    with Path(job["log"]).open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        logging.basicConfig(level=logging.WARNING, stream=log)
        try:
            _execute(job, reporter, log)
        except Exception as exc:
            kind, reason = _classify(exc)
            reporter.send("failed", kind=kind, reason=reason, cell=reporter.cell)
            code = 1
        else:
            reporter.send("done")
            code = 0
    return code


def _execute(job: dict[str, Any], reporter: Reporter, log: IO[str]) -> None:
    notebook = nbformat.read(job["input"], as_version=4)
    reporter.send("start", cells=sum(cell.cell_type == "code" for cell in notebook.cells))
    papermill.execute_notebook(
        job["input"],
        job["output"],
        parameters=job["parameters"],
        kernel_name=KERNEL,
        start_timeout=KERNEL_START_S,
        execution_timeout=job["cell_timeout_s"],
        cwd=job["cwd"],
        progress_bar=False,
        stdout_file=log,
        stderr_file=log,
        on_cell_start=reporter.on_cell_start,
        on_cell_executed=reporter.on_cell_executed,
    )


def _classify(exc: Exception) -> tuple[str, str]:
    """The status word and the reason in one line."""
    if isinstance(exc, PapermillExecutionError):
        return "failed", f"{exc.ename}: {exc.evalue}".strip().splitlines()[0]
    if isinstance(exc, CellTimeoutError):
        return "timeout", str(exc).splitlines()[0]
    if isinstance(exc, DeadKernelError):
        return "kernel-died", "the kernel died"
    return "failed", f"{type(exc).__name__}: {exc}".splitlines()[0]


def _heading(cell: Any) -> str:
    first = str(cell.source).strip().partition("\n")[0]
    return first.lstrip("# ")[:80] if first.startswith("#") else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
