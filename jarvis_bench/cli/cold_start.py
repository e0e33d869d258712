"""`jarvis-bench cold-start`: from nothing to a first embedding, again and again."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from jarvis_bench.cli.interrupts import keeping
from jarvis_bench.cli.output import print_record, print_text, tell
from jarvis_bench.errors import UsageError


def measure(
    tier: Annotated[
        list[str] | None,
        typer.Option(
            help="local (fresh interpreter), service (fresh process), docker, cloud-run; repeatable."
        ),
    ] = None,
    runtime: Annotated[list[str] | None, typer.Option(help="Repeatable; default all installed.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Starts of each; a median needs 11.")] = 11,
    cold_cache: Annotated[
        bool, typer.Option("--cold-cache", help="Also with the runtime's files put out of the page cache.")
    ] = False,
    gaps: Annotated[str, typer.Option(help="Rests before a request, in seconds, such as 0,1,10,60.")] = "",
    gap_repeats: Annotated[int, typer.Option(min=1, help="Requests after each rest.")] = 11,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Start tiers from nothing to their first embedding, with the same five phases everywhere.

    Exits 1 when a start failed and 4 when none succeeded. Warm samples among them are labelled and counted. Ctrl-C
    keeps what was measured, and exits 130.
    """
    from jarvis_bench.ecapa.encoder import RUNTIMES
    from jarvis_bench.kit.measure_memory import measure_cold_start

    runtimes = runtime or list(RUNTIMES)
    measured, interrupted = keeping(
        partial(
            measure_cold_start,
            tier or ("local", "service", "docker", "cloud-run"),
            runtimes=runtimes,
            repeats=repeats,
            cold_cache=runtimes if cold_cache else (),
            gaps=dict.fromkeys(read_gaps(gaps), gap_repeats),
            progress=tell,
        )
    )
    report = measured.report
    if json:
        print_record(report)
    else:
        from jarvis_bench.report.cold_start import as_text

        print_text(as_text(report))
    if interrupted:
        raise typer.Exit(130)
    if not any(one.cold + one.warm + one.unknown for one in report.summaries):
        raise typer.Exit(4)
    if any(one.failed for one in report.summaries):
        raise typer.Exit(1)


def read_gaps(text: str) -> list[float]:
    """The rests in seconds.

    Raises:
        UsageError: something that is no number of seconds.
    """
    try:
        found = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        found = [-1.0]
    if any(not 0 <= gap <= 3600 for gap in found):
        raise UsageError(f"--gaps {text!r}: wanted seconds from 0 to 3600, such as 0,1,10,60")
    return found
