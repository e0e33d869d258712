"""`jarvis-bench reproduce`: run one start-up version in one world."""

from __future__ import annotations

from typing import Annotated

import typer

from jarvis_bench.cli.interrupts import run_async
from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.records import Reproduction


def reproduce_version(
    version: Annotated[str, typer.Argument(help="v10.5, v10.6, v10.7 or current (this package's own).")],
    world: Annotated[
        str, typer.Option(help="The world it starts in, such as docker-ready; here is this machine.")
    ] = "here",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run one start-up version in one world and print what it decided.

    Exits 1 when the version did not show the error that it is known for (or, from v10.7 on, showed one).
    """
    from jarvis_bench.reproduction.reproduce import reproduce, unexpected_errors

    result = run_async(reproduce(version, world))
    if json:
        print_record(result)
    else:
        print_text(as_text(result))
    if unexpected := unexpected_errors([result]):
        typer.echo(f"jarvis-bench: not reproduced: {unexpected[0]}", err=True)
        raise typer.Exit(1)


def as_text(result: Reproduction) -> str:
    """The record in words, one fact a line."""
    second = "the same object" if result.second_caller.same else "another object"
    ready = "ready" if result.second_caller.ready else "not ready"
    lines = [
        f"version          {result.version}",
        f"world            {result.world}",
        f"Docker           {result.docker.status.value} ({result.docker.cause}): {result.docker.reason}",
        f"swallowed error  {result.error or 'none'}",
        f"decision         {result.decision.tier or 'no tier'}: {result.decision.reason}",
        f"time to decide   {result.seconds:.3f} s (measured)",
        f"longest block    {result.longest_block_s:.3f} s of the event loop (measured, 5 ms ticker)",
        f"second caller    {second}, {ready}",
        *(f"warning          {warning}" for warning in result.warnings),
    ]
    return "\n".join(lines)
