"""`jarvis-bench watch`: keep choosing, and print each switch with its cause."""

from __future__ import annotations

import asyncio
import math
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from jarvis_bench.cli.output import print_record, print_text, tell
from jarvis_bench.errors import UsageError
from jarvis_bench.selection.following import follow, open_router
from jarvis_bench.selection.policy import CLOUD_FIRST, ORDER, Policy
from jarvis_bench.selection.router_state import RouterState
from jarvis_bench.settings import Settings, read_settings
from jarvis_bench.stop_signals import stop_on_signals
from jarvis_bench.tiers.tier import Probed

INTERRUPTED = 130
NO_TIER = 4

Force = Annotated[str | None, typer.Option(help="Only this tier, whatever state it is in.")]
Skip = Annotated[list[str] | None, typer.Option(help="Never ask this tier; repeatable.")]
CloudFirst = Annotated[bool, typer.Option("--cloud-first", help="Cloud Run before Docker.")]
StartDocker = Annotated[
    bool, typer.Option("--start-docker", help="Start Docker in the background where nothing better is ready.")
]


def watch_tiers(
    force: Force = None,
    skip: Skip = None,
    cloud_first: CloudFirst = False,
    start_docker: StartDocker = False,
    duration: Annotated[
        float | None, typer.Option(min=0.0, help="Seconds to watch; default until Ctrl-C.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    """Choose a tier, keep the choice true, and print each switch and why; nothing is started unless told.

    Exits 4 where no tier serves at the end.
    """
    from jarvis_bench.tiers.configured import configured_tiers

    if duration is not None and math.isnan(duration):
        raise UsageError("--duration is a number of seconds")
    policy = choose_policy(force, skip, cloud_first, start_docker)
    settings = read_settings()
    state, came = asyncio.run(_watch(configured_tiers(settings), settings, policy, duration, json))
    if json:
        print_record(state)
    if signal.SIGINT in came:
        raise typer.Exit(INTERRUPTED)
    if state.active is None or not any(
        tier.name == state.active and tier.state == "closed" for tier in state.tiers
    ):
        raise typer.Exit(NO_TIER)


def choose_policy(
    force: str | None, skip: Sequence[str] | None, cloud_first: bool, start_docker: bool
) -> Policy:
    """The options as a policy."""
    return Policy(
        order=CLOUD_FIRST if cloud_first else ORDER,
        forced=force,
        skipped=frozenset(skip or ()),
        started=("docker",) if start_docker else (),
    )


async def _watch(
    tiers: Sequence[Probed], settings: Settings, policy: Policy, duration_s: float | None, json: bool
) -> tuple[RouterState, list[signal.Signals]]:
    stop = asyncio.Event()
    came = stop_on_signals(stop)
    async with open_router(tiers, settings, policy) as router:
        return await follow(router, stop, tell if json else _tell, duration_s=duration_s), came


def _tell(text: str) -> None:
    print_text(text)
    sys.stdout.flush()
