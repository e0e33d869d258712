"""`jarvis-bench audit`: find missing awaits and their relatives, prove them, and fix them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def audit_code(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders; default what git knows below here.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Insert what is certain.")] = False,
    fix_likely: Annotated[bool, typer.Option("--fix-likely", help="Insert also what is likely.")] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")
    ] = False,
    format_: Annotated[str, typer.Option("--format", help="text, json, sarif or github.")] = "text",
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    select: Annotated[
        list[str] | None, typer.Option(help="Only these rules; repeatable, or with commas.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="All but these rules.")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Leave out files whose path matches this glob.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(help="Tell only what is not known from this file.")] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(help="Keep today's findings as known, and exit 0.")
    ] = None,
    python: Annotated[
        Path | None, typer.Option(help="Interpreter whose packages the code imports; default .venv, venv.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="Processes; default one a core.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read every file anew.")] = False,
    stats: Annotated[bool, typer.Option("--stats", help="Add what was read and how long it took.")] = False,
    explain: Annotated[str | None, typer.Option(help="Print the page of a rule and exit.")] = None,
) -> None:
    """Find missing awaits and their relatives in a source tree, prove them, and fix them.

    Exits 1 when there are findings and 4 when nothing could be read.
    """
    from jarvis_bench.await_audit import command
    from jarvis_bench.await_audit.request import AuditRequest, split_names

    request = AuditRequest(
        paths=tuple(paths or ()),
        format="json" if json else format_,
        select=split_names(select),
        ignore=split_names(ignore),
        exclude=tuple(exclude or ()),
        fix=fix,
        fix_likely=fix_likely,
        diff=diff,
        baseline=baseline,
        write_baseline=write_baseline,
        python=python,
        jobs=jobs,
        cache=not no_cache,
        stats=stats,
    )
    code = command.run(request) if explain is None else command.explain(explain)
    if code:
        raise typer.Exit(code)
