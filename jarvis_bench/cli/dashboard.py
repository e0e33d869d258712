"""`jarvis-bench dashboard`: a live page of all tiers."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer

from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.cli.watch import INTERRUPTED, CloudFirst, Force, Skip, StartDocker, choose_policy
from jarvis_bench.errors import MissingExtra, UsageError
from jarvis_bench.selection.following import open_router
from jarvis_bench.selection.policy import Policy
from jarvis_bench.settings import Settings, read_settings
from jarvis_bench.stop_signals import stop_on_signals
from jarvis_bench.tiers.tier import Probed

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Printed once the page can be opened."""

    url: str
    pid: int


def serve_page(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8050,
    force: Force = None,
    skip: Skip = None,
    cloud_first: CloudFirst = False,
    start_docker: StartDocker = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object once it listens.")] = False,
) -> None:
    """Serve one read-only page on 127.0.0.1 that shows all tiers, live; nothing is started unless told."""
    try:
        from jarvis_bench.dashboard.server import serve_dashboard  # noqa: F401  told before the tiers are made
        from jarvis_bench.service.server import listen
    except ModuleNotFoundError as exc:
        raise MissingExtra("starlette, uvicorn and jinja2", "all") from exc
    from jarvis_bench.tiers.configured import configured_tiers

    if not 0 <= port <= 65535:
        raise UsageError(f"no port has the number {port}")
    policy, settings = choose_policy(force, skip, cloud_first, start_docker), read_settings()
    listener = listen(HOST, port)
    came = asyncio.run(_serve(configured_tiers(settings), settings, policy, listener, json))
    if signal.SIGINT in came:
        raise typer.Exit(INTERRUPTED)


async def _serve(
    tiers: Sequence[Probed], settings: Settings, policy: Policy, listener: socket.socket, json: bool
) -> list[signal.Signals]:
    from jarvis_bench.dashboard.server import serve_dashboard

    stop = asyncio.Event()
    came = stop_on_signals(stop)
    page = Dashboard(f"http://{HOST}:{listener.getsockname()[1]}", os.getpid())
    async with open_router(tiers, settings, policy) as router:
        await serve_dashboard(router, listener, stop=stop, started=partial(_announce, page, json))
    return came


def _announce(page: Dashboard, json: bool) -> None:
    if json:
        print_record(page)
    else:
        print_text(f"all tiers, live: {page.url}")
    sys.stdout.flush()
