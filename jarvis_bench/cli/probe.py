"""`jarvis-bench probe`: how every tier is, and which one start-up would take."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

import typer

from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.records import Decision, Status, TierStatus
from jarvis_bench.settings import Settings, read_settings

SIGNS = {Status.READY: "✅", Status.STARTING: "⚠️", Status.STOPPED: "⚠️", Status.BUSY: "⚠️"}


@dataclass(frozen=True, slots=True)
class Probing:
    """All tiers asked at once; `longest_block_s`: for so long the event loop could run nothing else meanwhile."""

    tiers: tuple[TierStatus, ...]
    decision: Decision
    seconds: float
    longest_block_s: float


def probe_tiers(
    deadline_s: Annotated[
        float | None, typer.Option(min=0.001, help="Seconds a tier may take; default from the settings.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask all tiers at once how they are; nothing is started.

    Exits 1 when no tier is ready.
    """
    settings = read_settings()
    probing = asyncio.run(_probe(settings, deadline_s or settings.probe_deadline_s))
    if json:
        print_record(probing)
    else:
        print_text(as_text(probing))
    if probing.decision.tier is None:
        raise typer.Exit(1)


async def _probe(settings: Settings, deadline_s: float) -> Probing:
    from jarvis_bench.prober.loop_lag import LoopLag
    from jarvis_bench.selection.waterfall import Waterfall
    from jarvis_bench.tiers.configured import configured_tiers

    waterfall = Waterfall(configured_tiers(settings), deadline_s=deadline_s)
    async with LoopLag() as lag:
        report = await waterfall.decide()
    return Probing(report.tiers, report.decision, report.seconds, lag.longest_s)


def as_text(probing: Probing) -> str:
    """A line a tier as JARVIS's start-up prints it, its status and time, then the decision."""
    width = max(len(_line(status)) for status in probing.tiers)
    lines = [
        f"{_line(status):{width}}  {status.status.value} ({status.cause}), {status.seconds * 1e3:.0f} ms"
        for status in probing.tiers
    ]
    return "\n".join(
        [
            *lines,
            "",
            f"decision       {probing.decision.tier or 'no tier'}: {probing.decision.reason}",
            f"time           {probing.seconds:.3f} s for all at once (measured)",
            f"longest block  {probing.longest_block_s:.3f} s of the event loop (measured, 5 ms ticker)",
        ]
    )


def _line(status: TierStatus) -> str:
    return f"{SIGNS.get(status.status, '❌')} {status.reason}"
