"""The outputs of an executed notebook, made anew from the run's files.

A notebook's cells are of two kinds. Those tagged `writes-files` measure, or judge, and leave files behind; all others
read these files and show something. A page is made by running the others once more, here, over the files of the run:
so it says what the files say, whoever deleted the outputs or changed a number, and it is the same page the second
time. That was preferred to showing the outputs that papermill has stored: those would repeat an old number beside a
changed file. And to a kernel for each notebook, which would take seconds where this takes tenths.

What is run is the checkout's own notebook, never code that came with a run folder; and while it runs nothing can be
measured or started. Where a run's notebook differs from the checkout's, did not end well, or has no such tags, its
stored outputs are shown, and the page says so where that matters.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import nbformat
from IPython.core.formatters import DisplayFormatter
from nbformat import NotebookNode
from nbformat.v4 import new_output

from jarvis_bench.child_process import nothing_started
from jarvis_bench.kit.outcome import NotebookOutcome, NotebookStatus
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.report.cells import INJECTED, PARAMETERS

WRITES_FILES: Final = "writes-files"


def rebuild(
    stored: NotebookNode, item: NotebookOutcome, folder: RunFolder, notebooks: Path
) -> tuple[NotebookNode, str | None]:
    """The notebook with its outputs made anew, and a note for the reader where they could not be.

    Args:
        stored: the executed notebook as it lies in the run's folder.
        item: what became of it.
        folder: the run's files.
        notebooks: the checkout's own notebooks.
    """
    own = _read(notebooks / f"{item.name}.ipynb")
    if own is None or item.status is not NotebookStatus.OK or not _is_made_of_files(own):
        return stored, None
    if _sources(own) != _sources(stored):
        return stored, "This notebook has changed since the run: the page shows what it gave then."
    try:
        with nothing_started():
            outputs = _outputs(own, {**dict(item.parameters), "out_dir": str(folder.path)})
    except Exception as exc:  # a page that cannot be made anew is shown as it was, with the reason
        return (
            stored,
            f"This page shows stored outputs: they could not be made anew ({type(exc).__name__}: {exc}).",
        )
    return _with_outputs(stored, outputs), None


def _read(path: Path) -> NotebookNode | None:
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None
    return notebook


def _is_made_of_files(notebook: NotebookNode) -> bool:
    return any(WRITES_FILES in _tags(cell) for cell in notebook.cells)


def _sources(notebook: NotebookNode) -> list[tuple[str, str]]:
    """The cells without those that papermill put in."""
    return [(cell.cell_type, cell.source) for cell in notebook.cells if not _is_papermills(cell)]


def _is_papermills(cell: NotebookNode) -> bool:
    return any(tag == INJECTED or tag.startswith("papermill-") for tag in _tags(cell))


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def _outputs(own: NotebookNode, parameters: Mapping[str, object]) -> list[list[NotebookNode]]:
    """The outputs of every code cell, in order; cells that write files have none."""
    names: dict[str, Any] = {"__name__": "__main__"}
    found = []
    for cell in own.cells:
        if cell.cell_type != "code":
            continue
        found.append([] if WRITES_FILES in _tags(cell) else _run(cell.source, names))
        if PARAMETERS in _tags(cell):
            names.update(parameters)
    return found


def _run(source: str, names: dict[str, Any]) -> list[NotebookNode]:
    """Run one cell as a kernel does: what it prints, then the value of its last line."""
    tree = ast.parse(source)
    last = tree.body[-1] if tree.body else None
    shown = last.value if isinstance(last, ast.Expr) else None
    if shown is not None:
        tree.body.pop()
    printed = io.StringIO()
    displayed: list[NotebookNode] = []
    # A kernel puts this name into every notebook.
    names["display"] = lambda *values: displayed.extend(_display(value) for value in values)
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        value = eval(compile(ast.Expression(shown), "<cell>", "eval"), names) if shown is not None else None
    outputs = [new_output("stream", name="stdout", text=printed.getvalue())] if printed.getvalue() else []
    outputs += displayed
    return outputs if value is None else [*outputs, _result(value)]


def _display(value: object) -> NotebookNode:
    data, metadata = DisplayFormatter().format(value)
    output: NotebookNode = new_output("display_data", data=data, metadata=metadata)
    return output


def _result(value: object) -> NotebookNode:
    data, metadata = DisplayFormatter().format(value)
    output: NotebookNode = new_output("execute_result", data=data, metadata=metadata, execution_count=1)
    return output


def _with_outputs(stored: NotebookNode, outputs: list[list[NotebookNode]]) -> NotebookNode:
    shown, remaining = copy.deepcopy(stored), iter(outputs)
    for cell in shown.cells:
        if cell.cell_type == "code":
            cell.outputs = [] if _is_papermills(cell) else next(remaining)
    return shown
