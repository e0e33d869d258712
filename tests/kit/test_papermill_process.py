"""The process that executes a notebook tells which cell runs, and keeps only what may be published."""

from __future__ import annotations

import io
import json
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell

from jarvis_bench.kit.papermill_process import Reporter, WholeFiles


def test_a_cell_is_known_by_the_heading_above_it() -> None:
    """A person follows the run by the notebook's own headings."""
    sink = io.StringIO()
    reporter = Reporter(sink)
    reporter.on_cell_start(new_markdown_cell("## Measure\n\nIn a process of its own."), 0)
    reporter.on_cell_start(new_code_cell("measure()", id="a"), 1)
    reporter.on_cell_start(new_markdown_cell("No heading, some words."), 2)
    reporter.on_cell_start(new_code_cell("read()", id="b"), 3)
    events = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert [(event["index"], event["id"], event["title"]) for event in events] == [
        (1, "a", "Measure"),
        (3, "b", "Measure"),
    ]


def test_a_published_notebook_names_no_folder_of_its_author(tmp_path: Path) -> None:
    """Papermill notes where it read and wrote; the rest of its notes stays."""
    notes = {"input_path": "/home/me/in.ipynb", "output_path": "/home/me/out.ipynb", "duration": 1.5}
    path = tmp_path / "out.ipynb"
    WholeFiles().write(json.dumps({"cells": [], "metadata": {"papermill": notes}}), str(path))
    assert json.loads(path.read_text(encoding="utf-8"))["metadata"] == {"papermill": {"duration": 1.5}}
    assert [file.name for file in tmp_path.iterdir()] == ["out.ipynb"]
