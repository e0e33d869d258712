"""`jarvis-bench reproduce-run`: a finished run once more, by the same plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jarvis_bench.cli.interrupts import run_async
from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.cli.run import treat_termination_as_interrupt
from jarvis_bench.errors import UsageError
from jarvis_bench.kit.progress import Progress
from jarvis_bench.settings import Settings, read_settings

if TYPE_CHECKING:
    from jarvis_bench.kit.rerun import RerunReport
    from jarvis_bench.kit.run_folder import RunFolder


def reproduce_finished(
    run: Annotated[Path, typer.Argument(help="A run's folder, such as reports/latest.")],
    tolerance: Annotated[float, typer.Option(help="By what share a figure may differ.")] = 0.25,
    force: Annotated[
        bool, typer.Option("--force", help="Also with other versions; the output says so.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder that keeps the runs; default reports/.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run the same notebooks with the same parameters, versions and weights, and compare.

    Exits 0 when reproduced, 1 when not, 2 when the versions differ, and 3 when the host does.
    """
    from jarvis_bench.kit.run_folder import RunFolder
    from jarvis_bench.report.rerun import as_text

    if tolerance <= 0:
        raise UsageError(f"--tolerance {tolerance:g}: a share above 0 is needed, such as 0.25")
    original = RunFolder(run.expanduser().resolve())
    report = run_async(_again(read_settings(), original, tolerance, force, out))
    if report is None:
        raise typer.Exit(130)
    if json:
        print_record(report)
    else:
        print_text(as_text(report))
    if report.exit_code:
        raise typer.Exit(report.exit_code)


async def _again(
    settings: Settings, original: RunFolder, tolerance: float, force: bool, out: Path | None
) -> RerunReport | None:
    """The verdict, or None where the second run was interrupted; what it measured is kept."""
    from jarvis_bench.kit.outcome import RunStatus
    from jarvis_bench.kit.rerun import judge_again, read_finished, refuse_other_versions, same_request
    from jarvis_bench.kit.run import reports_folder
    from jarvis_bench.kit.run import run as run_again
    from jarvis_bench.kit.run_folder import new_run_folder
    from jarvis_bench.records import as_json
    from jarvis_bench.report.comparison import comparison_html
    from jarvis_bench.report.render import render
    from jarvis_bench.report.rerun import PAGE, RECORD, rerun_page

    finished = read_finished(original)
    request = same_request(finished, settings)
    forced = refuse_other_versions(original, force=force)
    progress = Progress()
    treat_termination_as_interrupt()
    with new_run_folder(reports_folder(settings, out), finished.profile) as folder:
        progress.note(f"run {folder.path.name}: {finished.run_id} once more, {len(request.plans)} notebooks")
        outcome = await run_again(request, folder, progress)
        render(folder, settings)
        if outcome.status is RunStatus.INTERRUPTED:
            return None
        report = judge_again(original, folder, tolerance=tolerance, forced=forced)
        folder.write_json(RECORD, as_json(report))
        progress.note(f"report: {folder.write_text(PAGE, comparison_html(rerun_page(report)))}")
        return report
