"""A run folder into pages: one for each notebook, and the index; made from the folder's files alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from jarvis_bench.errors import MissingExtra, UsageError
from jarvis_bench.kit.claims import load_checks
from jarvis_bench.kit.outcome import NotebookOutcome, RunOutcome, read_outcome
from jarvis_bench.kit.run import RUN_FILE
from jarvis_bench.kit.run_folder import RunFolder
from jarvis_bench.records import as_json
from jarvis_bench.report import summary
from jarvis_bench.report.evidence import Evidence
from jarvis_bench.report.verdicts import judge
from jarvis_bench.settings import Settings


def render(folder: RunFolder, settings: Settings) -> Path:
    """Write every page of a run and return the index.

    Raises:
        UsageError: the folder holds no run.
    """
    outcome = _with_pages(folder, load_outcome(folder), settings)
    folder.write_json(RUN_FILE, as_json(outcome))
    return write_index(folder, outcome, settings)


def load_outcome(folder: RunFolder) -> RunOutcome:
    """What run.json says."""
    try:
        fields: Any = folder.read_json(RUN_FILE)
        fields.pop("schema_version")
        return read_outcome(fields)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise UsageError(f"{folder.path} holds no readable {RUN_FILE}: {exc}") from exc


def write_index(folder: RunFolder, outcome: RunOutcome, settings: Settings) -> Path:
    """The first page."""
    from jarvis_bench.report.pages import index_html

    judged = judge(folder, load_checks(settings.data_dir))
    page = summary.index_page(outcome, judged, Evidence(folder), _pages(outcome))
    return folder.write_text("index.html", index_html(page))


def _with_pages(folder: RunFolder, outcome: RunOutcome, settings: Settings) -> RunOutcome:
    items = tuple(_with_page(folder, item, outcome, settings) for item in outcome.notebooks)
    return replace(outcome, notebooks=items)


def _with_page(
    folder: RunFolder, item: NotebookOutcome, outcome: RunOutcome, settings: Settings
) -> NotebookOutcome:
    if item.ipynb is None or not folder.has(item.ipynb):
        return item
    try:
        import nbformat

        from jarvis_bench.report.pages import notebook_html
        from jarvis_bench.report.rebuild import rebuild
    except ModuleNotFoundError as exc:
        raise MissingExtra("nbconvert", "kit") from exc
    try:
        stored = nbformat.read(folder.path / item.ipynb, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return replace(item, html=None)
    notebook, note = rebuild(stored, item, folder, settings.home / "notebooks")
    item = replace(item, html=f"{item.name}.html")
    row = replace(summary.notebook_row(item), note=note)
    folder.write_text(str(item.html), notebook_html(notebook, row, outcome.run_id))
    return item


def _pages(outcome: RunOutcome) -> dict[str, str]:
    return {item.name: item.html for item in outcome.notebooks if item.html}
