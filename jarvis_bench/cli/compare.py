"""`jarvis-bench compare`: two finished runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.errors import OutputError


def compare_finished(
    a: Annotated[Path, typer.Argument(help="A run's folder: the reference.")],
    b: Annotated[Path, typer.Argument(help="Another run's folder; the words are about it.")],
    variable: Annotated[
        list[str] | None,
        typer.Option(help="What the runs may differ in, such as commit or packages.onnxruntime; repeatable."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Compare whatever differs; the output says so.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Also write a page to this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare two finished runs; what lies below their noise is INCONCLUSIVE.

    Exits 1 when something is slower or larger, 2 when the runs are not alike, 3 when a figure is INVALID, and 4 when
    they have no figure in common.
    """
    from jarvis_bench.kit.compare import compare_runs
    from jarvis_bench.kit.run_folder import RunFolder
    from jarvis_bench.report.compare import as_text, compare_page
    from jarvis_bench.report.comparison import comparison_html

    folders = [RunFolder(path.expanduser().resolve()) for path in (a, b)]
    report = compare_runs(*folders, variables=tuple(variable or ()), force=force)
    if html is not None:
        target = html.expanduser().resolve()
        if target.is_dir():
            raise OutputError(f"--html {html} is a folder: name a file in it")
        RunFolder(target.parent).write_text(target.name, comparison_html(compare_page(report)))
    if json:
        print_record(report)
    else:
        print_text(as_text(report))
    if report.exit_code:
        raise typer.Exit(report.exit_code)
