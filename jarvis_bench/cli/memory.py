"""`jarvis-bench memory`: the RAM of tiers and runtimes, phase by phase."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from jarvis_bench.cli.interrupts import keeping
from jarvis_bench.cli.output import print_record, print_text, tell

if TYPE_CHECKING:
    from jarvis_bench.kit.memory_report import MemoryReport

ALL_TIERS = ("local", "service", "docker", "cloud-run", "client")


def measure(
    tier: Annotated[
        list[str] | None,
        typer.Option(
            help="local, service, docker, cloud-run, client (default all), or a service's URL; repeatable."
        ),
    ] = None,
    runtime: Annotated[list[str] | None, typer.Option(help="Repeatable; default all installed.")] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(
            help="A walk that differs in one thing, such as 'malloc plain'; repeatable; 'all' for all."
        ),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="At least so many clips in each steady phase.")] = 8,
    idle: Annotated[float, typer.Option(min=0.0, help="Rest before the last reading, in seconds.")] = 1.0,
    walks: Annotated[
        int, typer.Option(min=1, help="Walks with processes of their own, of which each cell is the mean.")
    ] = 1,
    twice: Annotated[
        bool, typer.Option("--twice", help="Make the table twice and compare its cells.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Walk what holds a model from before its imports to a rest after long clips, and read its memory.

    Exits 1 when a check on a process of known size failed, the sampler took 2 % of a core or more, or, of two tables,
    less than 90 % of the cells agree. Ctrl-C keeps what was measured, and exits 130.
    """
    from jarvis_bench.ecapa.encoder import RUNTIMES
    from jarvis_bench.kit.measure_memory import measure_memory
    from jarvis_bench.kit.memory_report import problems
    from jarvis_bench.kit.memory_table import CONDITIONS

    runtimes = runtime or list(RUNTIMES)
    conditions = list(CONDITIONS) if condition == ["all"] else condition or []
    measured, interrupted = keeping(
        partial(
            measure_memory,
            tier or ALL_TIERS,
            runtimes=runtimes,
            conditions=conditions,
            condition_runtimes=runtimes,
            repeats=repeats,
            idle_s=idle,
            twice=twice,
            walks=walks,
            progress=tell,
        )
    )
    _show(measured.report, as_json=json)
    if interrupted:
        raise typer.Exit(130)
    if found := problems(measured.report):
        typer.echo(f"jarvis-bench: {'; '.join(found)}", err=True)
        raise typer.Exit(1)


def _show(report: MemoryReport, *, as_json: bool) -> None:
    if as_json:
        print_record(report)
    else:
        from jarvis_bench.report.memory import as_text

        print_text(as_text(report))
