"""Start the engine itself, with the platform's own command; only ever when asked to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from typing import IO

from jarvis_bench.errors import TierFailed
from jarvis_bench.records import Status
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker.addresses import default_product
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.findings import Finding
from jarvis_bench.tiers.docker.products import start_command

POLL_S = 0.1
GRACE_S = 10.0
NOT_RUNNING = frozenset({"daemon-not-running", "stale-socket"})


async def start_engine(settings: Settings, engine: Engine) -> bool:
    """Start the engine where it does not run, and wait until it answers; False where it ran already.

    A command that stays (such as `dockerd` itself) goes on in a session of its own. Where the wait fails or is
    cancelled, the command is ended.

    Raises:
        TierFailed: not installed, no way to start it, the command failed, or it did not answer in time.
    """
    try:
        await engine.ask(lambda client, _: client.ping())
    except TierFailed as exc:
        if exc.status.cause not in NOT_RUNNING:
            raise
    else:
        return False
    command = shlex.split(settings.docker_start_command) or start_command(default_product())
    if not command:
        detail = "Daemon not running, and nothing is known that starts it here (setting docker_start_command)"
        raise Finding(Status.STOPPED, "cannot-start", detail).as_error()
    async with _running(command) as (process, output):
        await _wait(engine, process, output, command, settings.docker_start_s)
    return True


@contextlib.asynccontextmanager
async def _running(command: Sequence[str]) -> AsyncIterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """The command in a session of its own; ended where the block fails, else left to itself.

    Not through asyncio, which kills what still runs when its loop ends.
    """
    with tempfile.TemporaryFile() as output:

        def spawn() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

        spawning = asyncio.ensure_future(asyncio.to_thread(spawn))
        try:
            process = await asyncio.shield(spawning)
        except asyncio.CancelledError:
            # It may have been started already; nobody else would end it.
            await asyncio.to_thread(_end, await spawning)
            raise
        except OSError as exc:
            detail = f"Daemon not running, and {shlex.join(command)!r} cannot be run ({exc.strerror})"
            raise Finding(Status.STOPPED, "cannot-start", detail).as_error() from exc
        try:
            yield process, output
        except BaseException:
            await asyncio.shield(asyncio.to_thread(_end, process))
            raise
        if process.poll() is None:
            # It is the engine now, and no child of ours to wait for.
            process.returncode = 0


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


async def _wait(
    engine: Engine,
    process: subprocess.Popen[bytes],
    output: IO[bytes],
    command: Sequence[str],
    limit_s: float,
) -> None:
    started_s = time.monotonic()
    while time.monotonic() - started_s < limit_s:
        with contextlib.suppress(TierFailed):
            await engine.ask(lambda client, _: client.ping())
            return
        if process.poll() not in {None, 0}:
            detail = f"{shlex.join(command)!r} failed with {process.returncode}: {_last_line(output)}"
            raise Finding(Status.STOPPED, "cannot-start", f"Daemon not running; {detail}").as_error()
        await asyncio.sleep(POLL_S)
    detail = f"Daemon started by {shlex.join(command)!r}, but it did not answer within {limit_s:g} s"
    raise Finding(Status.STARTING, "engine-slow", detail).as_error()


def _last_line(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
