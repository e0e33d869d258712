"""What runs on a worker of a Dask cluster: it holds one share of a load, which a process of its own carries out.

Nothing here is a task of Dask's: a task whose worker is lost would be run again by another one, and its requests would
be sent twice. The client asks for what is new, and a share for which nobody asks any more ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin

from jarvis_bench.child_process import child_process
from jarvis_bench.settings import read_settings

MODULE = "jarvis_bench.prober.load_process"
BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class WorkerPlace:
    """Where a worker is: `host` by its name, `machine` by what no other has; `code`: hash of package and clips."""

    host: str
    machine: str
    code: str


@dataclass(frozen=True, slots=True)
class News:
    """What a share's process has told since it was last asked, in lines; `code`: its exit code, None while it runs."""

    lines: tuple[str, ...]
    code: int | None


class Share(WorkerPlugin):
    """One share: started with its plug-in, ended with it or when nobody has asked for `lease_s`.

    Args:
        order: the fields of a `MeasurementOrder`.
        environment: over the worker's own.
        lease_s: how long it goes on unasked, in seconds.
    """

    def __init__(self, order: Mapping[str, Any], environment: Mapping[str, str], lease_s: float) -> None:
        self._order, self._environment, self._lease_s = order, environment, lease_s
        self._lines: list[str] = []
        self._code: int | None = None
        self._asked_s = time.monotonic()
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def setup(self, worker: Worker) -> None:
        """Begin; called by Dask on the worker's loop."""
        self._task = asyncio.create_task(self._carry_out())

    async def teardown(self, worker: Worker) -> None:
        """End the process, if it still runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def news(self) -> News:
        """What is new; that it was asked for keeps the share alive."""
        self._asked_s = time.monotonic()
        lines, self._lines = tuple(self._lines), []
        return News(lines, self._code)

    def start_at(self, wall_ns: int) -> None:
        """Begin the load that waits at this worker's wall time."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(f"{wall_ns}\n".encode())

    def interrupt(self) -> None:
        """Send no more; what was measured is still told."""
        with contextlib.suppress(ProcessLookupError):
            if self._process is not None:
                self._process.send_signal(signal.SIGINT)

    async def _carry_out(self) -> None:
        environment = {**os.environ, **self._environment}
        with tempfile.TemporaryDirectory(prefix="jarvis-bench-load-") as folder:
            path = Path(folder) / "order.json"
            path.write_text(json.dumps(self._order), encoding="utf-8")
            async with child_process(MODULE, [str(path)], env=environment) as process:
                self._process = process
                watch = asyncio.create_task(self._watch(process))
                try:
                    await self._read(process)
                finally:
                    watch.cancel()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is not None:
            async for line in process.stdout:
                self._lines.append(line.decode())
        self._code = await process.wait()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        while (left_s := self._asked_s + self._lease_s - time.monotonic()) > 0:  # noqa: ASYNC110  a clock, no event
            await asyncio.sleep(left_s)
        with contextlib.suppress(ProcessLookupError):
            process.kill()


def place() -> WorkerPlace:
    """Where this process runs and what code it has."""
    machine = BOOT.read_text(encoding="ascii").strip() if BOOT.is_file() else socket.gethostname()
    return WorkerPlace(socket.gethostname(), machine, code_hash())


def code_hash() -> str:
    """Hash of this package's source and of the clips' manifest: equal code sends equal requests."""
    package = Path(__file__).resolve().parents[1]
    found = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        found.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes())
    manifest = read_settings().data_dir / "clips" / "manifest.json"
    found.update(manifest.read_bytes() if manifest.is_file() else b"no clips")
    return found.hexdigest()


def wall_ns() -> int:
    """This machine's wall clock, in nanoseconds."""
    return time.time_ns()


async def begin(
    token: str,
    order: Mapping[str, Any],
    environment: Mapping[str, str],
    lease_s: float,
    *,
    dask_worker: Worker,
) -> None:
    """Start a share under a name of its own."""
    await dask_worker.plugin_add(Share(order, environment, lease_s), name=token, catch_errors=False)


def news(token: str, *, dask_worker: Worker) -> News:
    """What the share has told since; KeyError where this worker has none, as after a restart."""
    return _share(token, dask_worker).news()


def start_at(token: str, wall_time_ns: int, *, dask_worker: Worker) -> None:
    """Let the load that waits begin at this worker's wall time."""
    _share(token, dask_worker).start_at(wall_time_ns)


def interrupt(token: str, *, dask_worker: Worker) -> None:
    """Let the share send no more."""
    _share(token, dask_worker).interrupt()


async def end(token: str, *, dask_worker: Worker) -> None:
    """End the share and forget it."""
    if token in dask_worker.plugins:
        await dask_worker.plugin_remove(name=token)


def _share(token: str, worker: Worker) -> Share:
    found = worker.plugins[token]
    if not isinstance(found, Share):
        raise KeyError(token)
    return found
