"""`jarvis-bench serve`: the embedding service."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.cli.output import print_record, print_text
from jarvis_bench.errors import MissingExtra, UsageError, unknown_name
from jarvis_bench.settings import Settings, read_settings
from jarvis_bench.stop_signals import stop_on_signals

EXIT_WAIT_S = 0.3
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@dataclass(frozen=True, slots=True)
class Serving:
    """Printed once the service listens; the model is loaded after that."""

    url: str
    runtime: str
    threads: int
    pid: int


def serve_embeddings(
    runtime: Annotated[str, typer.Option(help="What computes the embeddings.")] = "onnx",
    host: Annotated[str, typer.Option(help="Address to listen on; a container needs 0.0.0.0.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", help="Port to listen on; 0 takes a free one.")] = 8080,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads one computation may use; default all cores.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object once it listens.")] = False,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="End when standard input closes.")
    ] = False,
) -> None:
    """Serve speaker embeddings over HTTP, as JARVIS's clients ask for them.

    Listens at once and loads the model in the background. SIGTERM lets accepted requests finish.
    """
    if with_parent:
        end_with_parent()
    came, clean = asyncio.run(_serve(read_settings(), runtime, host, port, threads or usable_cores(), json))
    code = 130 if signal.SIGINT in came else 0
    if not clean:
        # The runtime is in the middle of a computation; ending the interpreter under it could crash.
        sys.stdout.flush()
        os._exit(code)
    if code:
        raise typer.Exit(code)


def usable_cores(quota: Path = CPU_QUOTA) -> int:
    """The cores that this process may run on, or the fewer that its container was given (cgroup v2)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if quota.is_file():
        allowed_us, _, period_us = quota.read_text(encoding="ascii").strip().partition(" ")
        if allowed_us != "max":
            cores = min(cores, math.ceil(int(allowed_us) / int(period_us)))
    return cores


async def _serve(
    settings: Settings, runtime: str, host: str, port: int, threads: int, json: bool
) -> tuple[list[signal.Signals], bool]:
    try:
        from jarvis_bench.service.server import listen, serve
        from jarvis_bench.service.service import Service
    except ModuleNotFoundError as exc:
        raise MissingExtra("starlette, uvicorn and prometheus-client", "serve") from exc
    from jarvis_bench.ecapa.encoder import RUNTIMES
    from jarvis_bench.service.loading import load_model

    if runtime not in RUNTIMES:
        raise unknown_name("runtime", runtime, RUNTIMES)
    if not 0 <= port <= 65535:
        raise UsageError(f"no port has the number {port}")
    listener = listen(host, port)
    named = f"[{host}]" if ":" in host else host
    serving = Serving(f"http://{named}:{listener.getsockname()[1]}", runtime, threads, os.getpid())
    service = Service(partial(load_model, settings, runtime, threads))
    stop = asyncio.Event()
    came = stop_on_signals(stop)
    await serve(service, listener, stop=stop, started=partial(_announce, serving, json))
    return came, service.thread.close(EXIT_WAIT_S)


def _announce(serving: Serving, json: bool) -> None:
    if json:
        print_record(serving)
    else:
        print_text(f"serving {serving.runtime} on {serving.url} with {serving.threads} threads; see /health")
    sys.stdout.flush()
