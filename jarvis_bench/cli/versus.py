"""`jarvis-bench versus`: two configurations or two commits, interleaved in fresh processes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jarvis_bench.cli.interrupts import run_async
from jarvis_bench.cli.output import print_record, print_text, tell
from jarvis_bench.settings import Settings, read_settings

if TYPE_CHECKING:
    from jarvis_bench.kit.versus import Cell
    from jarvis_bench.kit.versus_verdict import VersusReport


def compare_arms(
    a: Annotated[str, typer.Argument(help="local, local:onnx, runtime=onnx,threads=2, a URL, or a commit.")],
    b: Annotated[str, typer.Argument(help="The same; the verdict is about B.")],
    processes: Annotated[int, typer.Option(help="Fresh processes an arm, at least 7.")] = 9,
    requests: Annotated[int, typer.Option(help="Timed requests a process.")] = 10,
    clip_seconds: Annotated[float, typer.Option(help="Length of the clips.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the order.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Folder that keeps the results; default reports/.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say whether B is faster or slower than A, or neither: the verdict of record.

    Exits 1 when B is slower, and 3 when the session told two equal arms apart and so proves nothing.
    """
    from jarvis_bench.kit.versus import Cell
    from jarvis_bench.report.versus import sentence

    cell = Cell(processes=processes, requests=requests, clip_s=clip_seconds, seed=seed)
    report, index = run_async(_versus(a, b, cell, read_settings(), out))
    if json:
        print_record(report)
    else:
        print_text(
            f"A  {report.a.text}: {report.a.p50_s * 1e3:.2f} ms\nB  {report.b.text}: {report.b.p50_s * 1e3:.2f} ms"
        )
        print_text(f"   {report.metric}, {report.cores} (measured)")
        print_text("\n".join([sentence(report), *report.reasons, str(index)]))
    if report.exit_code:
        raise typer.Exit(report.exit_code)


async def _versus(
    a: str, b: str, cell: Cell, settings: Settings, out: Path | None
) -> tuple[VersusReport, Path]:
    from jarvis_bench.kit.arms import parse_arm
    from jarvis_bench.kit.environment import describe_environment
    from jarvis_bench.kit.run import reports_folder
    from jarvis_bench.kit.run_folder import new_run_folder
    from jarvis_bench.kit.tables import rows_table
    from jarvis_bench.kit.versus import check_versus, measure_versus
    from jarvis_bench.kit.versus_verdict import judge_versus
    from jarvis_bench.records import as_json
    from jarvis_bench.report.comparison import comparison_html
    from jarvis_bench.report.versus import ROWS_FILE, versus_page

    arm_a, arm_b = parse_arm(a, settings), parse_arm(b, settings)
    await check_versus((arm_a, arm_b), cell, settings)
    with new_run_folder(reports_folder(settings, out), "versus") as folder:
        folder.write_json("environment.json", describe_environment())
        session = await measure_versus(arm_a, arm_b, cell, settings, tell)
        folder.write_table(ROWS_FILE, rows_table(session.rows))
        report = judge_versus(arm_a, arm_b, cell, session)
        folder.write_json("versus.json", as_json(report))
        return report, folder.write_text("index.html", comparison_html(versus_page(report)))
