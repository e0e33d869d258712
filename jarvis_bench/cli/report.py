"""`jarvis-bench report`: rebuild the pages of a finished run from its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.errors import UsageError
from jarvis_bench.settings import read_settings


def report_run(
    run: Annotated[Path, typer.Argument(help="A run's folder, such as reports/latest.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Rebuild every page of a run from its files alone."""
    from jarvis_bench.kit.run_folder import RunFolder
    from jarvis_bench.report.render import load_outcome, render

    folder = RunFolder(run.expanduser().resolve())
    if not folder.path.is_dir():
        raise UsageError(f"no such run folder: {run}")
    index = render(folder, read_settings())
    if json:
        print_record(load_outcome(folder))
    else:
        print_text(str(index))
