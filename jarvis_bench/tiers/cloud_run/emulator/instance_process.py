"""The process of an emulated instance: our service on the port in PORT, never left behind by the emulator."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import signal
import sys
from functools import partial

from jarvis_bench.child_process import end_with_parent
from jarvis_bench.service.loading import load_model
from jarvis_bench.service.server import listen, serve
from jarvis_bench.service.service import Service
from jarvis_bench.settings import read_settings
from jarvis_bench.stop_signals import stop_on_signals

PR_SET_PDEATHSIG = 1
EXIT_WAIT_S = 0.3


def die_with_parent() -> None:
    """Linux: be killed when the parent ends, also while stopped, when no code of ours can run (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


async def _serve(runtime: str, threads: int) -> bool:
    """Serve until SIGTERM; whether the runtime is between two computations."""
    service = Service(partial(load_model, read_settings(), runtime, threads))
    stop = asyncio.Event()
    stop_on_signals(stop)
    await serve(service, listen("127.0.0.1", int(os.environ["PORT"])), stop=stop)
    return service.thread.close(EXIT_WAIT_S)


def main() -> None:
    """Serve until told to stop."""
    die_with_parent()
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime", required=True)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    clean = asyncio.run(_serve(arguments.runtime, arguments.threads))
    if not clean:
        # As `jarvis-bench serve` does: never end the interpreter under a computation.
        os._exit(0)


if __name__ == "__main__":
    main()
