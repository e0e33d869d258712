"""Make a Cloud Run service's next request meet a new instance: by a new revision, with the user's own command."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import time

from jarvis_bench.errors import NothingMeasured

DEPLOYED_S = 600.0


async def make_revision(command: str, *, timeout_s: float = DEPLOYED_S) -> None:
    """Run the command that makes a new revision, and wait for its end.

    Args:
        command: such as `gcloud run services update NAME --no-deploy-health-check --update-labels=start={number}`;
            `{number}` is another one each time, for what does not change makes no revision. Without
            `--no-deploy-health-check` Cloud Run starts an instance by itself, and the next request finds it warm.
        timeout_s: for the command, in seconds.

    Raises:
        NothingMeasured: the command could not be run, failed, or took too long.
    """
    words = shlex.split(command.replace("{number}", str(time.time_ns() // 1_000_000)))
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as exc:
        raise NothingMeasured(f"no new revision: {words[0]!r} cannot be run ({exc.strerror})") from exc
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate()
    except TimeoutError as exc:
        raise NothingMeasured(f"no new revision: {words[0]!r} did not end within {timeout_s:g} s") from exc
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        lines = output.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise NothingMeasured(f"no new revision: {words[0]!r} failed with {process.returncode}: {lines[-1]}")
