"""`jarvis-bench run`: execute the notebooks and write the report."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jarvis_bench.cli.interrupts import run_async
from jarvis_bench.cli.output import print_record
from jarvis_bench.errors import UsageError
from jarvis_bench.kit.outcome import RunOutcome
from jarvis_bench.kit.progress import Progress
from jarvis_bench.settings import Settings, read_settings

if TYPE_CHECKING:
    from jarvis_bench.kit.matrix import MatrixOutcome


def run_notebooks(
    profile: Annotated[str, typer.Option(help="How much to measure: smoke, quick or full.")] = "quick",
    notebook: Annotated[
        list[str] | None, typer.Option(help="Only this notebook (name or number); repeatable.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE for a parameter; repeatable.")
    ] = None,
    matrix: Annotated[
        Path | None,
        typer.Option(help="Instead: measure every cell of this YAML file; finished cells are kept."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder that keeps the runs; default reports/.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Execute the notebooks in order through papermill and write one HTML report.

    Exits 1 when a notebook failed and 130 when interrupted; what was finished is kept and rendered.
    """
    progress = Progress()
    outcome: RunOutcome | MatrixOutcome
    if matrix is not None:
        if notebook or set_ or profile != "quick":
            raise UsageError(
                "--matrix goes with --out and --json only: its file names notebook and parameters"
            )
        outcome = run_async(_run_matrix(read_settings(), matrix, out, progress))
    else:
        outcome = run_async(_run(read_settings(), profile, notebook or [], set_ or [], out, progress))
    if json:
        print_record(outcome)
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


async def _run(
    settings: Settings,
    profile: str,
    notebooks: list[str],
    pairs: list[str],
    out: Path | None,
    progress: Progress,
) -> RunOutcome:
    from jarvis_bench.kit.run import check_request, reports_folder, run
    from jarvis_bench.kit.run_folder import new_run_folder, point_latest
    from jarvis_bench.report.render import load_outcome, render

    request = check_request(settings, profile, notebooks, pairs)
    treat_termination_as_interrupt()
    with new_run_folder(reports_folder(settings, out), profile) as folder:
        progress.note(f"run {folder.path.name}: {len(request.plans)} notebooks, profile {profile}")
        outcome = await run(request, folder, progress)
        index = render(folder, settings)
        point_latest(folder)
        progress.note(f"report: {index} ({outcome.status.value}, {outcome.seconds:.0f} s)")
        return load_outcome(folder)


async def _run_matrix(settings: Settings, file: Path, out: Path | None, progress: Progress) -> MatrixOutcome:
    from jarvis_bench.kit.likeness import refuse_other_code
    from jarvis_bench.kit.matrix import read_matrix, run_matrix
    from jarvis_bench.kit.run import reports_folder
    from jarvis_bench.kit.run_folder import kept_run_folder
    from jarvis_bench.records import as_json
    from jarvis_bench.report.comparison import comparison_html
    from jarvis_bench.report.matrix import matrix_page
    from jarvis_bench.report.render import render

    matrix = read_matrix(file, settings)
    treat_termination_as_interrupt()
    with kept_run_folder(reports_folder(settings, out), matrix.folder_name) as folder:
        refuse_other_code(folder)
        outcome = await run_matrix(matrix, folder, progress, lambda cell: render(cell, settings))
        folder.write_json("matrix.json", as_json(outcome))
        index = folder.write_text("index.html", comparison_html(matrix_page(outcome, folder)))
        progress.note(f"report: {index} ({outcome.status.value})")
        return outcome


def treat_termination_as_interrupt() -> None:
    """A service manager's SIGTERM ends a run as Ctrl-C does: what was measured is kept."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
