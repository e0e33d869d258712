"""`jarvis-bench run`: execute the notebooks and write the report."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from jarvis_bench.cli.output import print_record
from jarvis_bench.kit.outcome import RunOutcome
from jarvis_bench.kit.progress import Progress
from jarvis_bench.settings import Settings, read_settings


def run_notebooks(
    profile: Annotated[str, typer.Option(help="How much to measure: quick or full.")] = "quick",
    notebook: Annotated[
        list[str] | None, typer.Option(help="Only this notebook (name or number); repeatable.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE for a parameter; repeatable.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder that keeps the runs; default reports/.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Execute the notebooks in order through papermill and write one HTML report.

    Exits 1 when a notebook failed and 130 when interrupted; what was finished is kept and rendered.
    """
    progress = Progress()
    outcome = asyncio.run(_run(read_settings(), profile, notebook or [], set_ or [], out, progress))
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
    _treat_termination_as_interrupt()
    with new_run_folder(reports_folder(settings, out), profile) as folder:
        progress.note(f"run {folder.path.name}: {len(request.plans)} notebooks, profile {profile}")
        outcome = await run(request, folder, progress)
        index = render(folder, settings)
        point_latest(folder)
        progress.note(f"report: {index} ({outcome.status.value}, {outcome.seconds:.0f} s)")
        return load_outcome(folder)


def _treat_termination_as_interrupt() -> None:
    """A service manager's SIGTERM ends a run as Ctrl-C does: what was measured is kept."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
