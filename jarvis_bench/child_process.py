"""Python processes of our own: started in their own group, ended with all that they started.

A measurement or a start-up runs in a child, so that the caller's memory, imports and event loop do not
count. A child ends when its parent does, however the parent ended: it watches its standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import IO

LINE_LIMIT_BYTES = 64 * 1024 * 1024
_FORBIDDEN: ContextVar[bool] = ContextVar("no process may be started", default=False)


@contextlib.contextmanager
def nothing_started() -> Iterator[None]:
    """Within this block no process of ours is started: whoever tries gets a RuntimeError."""
    token = _FORBIDDEN.set(True)
    try:
        yield
    finally:
        _FORBIDDEN.reset(token)


@contextlib.asynccontextmanager
async def child_process(
    module: str,
    arguments: Sequence[str] = (),
    *,
    env: Mapping[str, str] | None = None,
    stderr: int | IO[bytes] | None = None,
    grace_s: float = 2.0,
    cwd: Path | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m module` with pipes for standard input and output; end its whole group afterwards.

    Args:
        module: dotted name of one of our modules with a `main`.
        arguments: its command line.
        env: the whole environment; default this process's.
        stderr: where standard error goes; default the parent's.
        grace_s: seconds between closing the child's input and killing its group.
        cwd: where it works; a checkout of this package there is the one that it imports.

    Raises:
        RuntimeError: within `nothing_started`.
    """
    if _FORBIDDEN.get():
        raise RuntimeError(f"{module} would be started where nothing may be")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
        env=dict(os.environ if env is None else env),
        cwd=cwd or Path.cwd(),
        start_new_session=True,
        limit=LINE_LIMIT_BYTES,
    )
    try:
        yield process
    finally:
        await _end(process, grace_s)


async def _end(process: asyncio.subprocess.Process, grace_s: float) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await process.wait()
    finally:
        # Also while this task is being cancelled a second time, and after the leader ended: what it
        # started may outlive it (the exhibit leaves such children).
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def read_output(process: asyncio.subprocess.Process) -> bytes:
    """All that the child writes on its standard output, until it ends.

    Not `communicate`: from Python 3.12 on that closes the child's input, which tells it that its parent is gone.
    """
    output = b"" if process.stdout is None else await process.stdout.read()
    await process.wait()
    return output


def end_with_parent(heard: Callable[[bytes], None] = lambda _: None) -> None:
    """Called by a child that does not read its standard input itself: end its group when the input closes.

    Args:
        heard: is given what comes before that, in a thread of its own.
    """

    def watch() -> None:
        while said := os.read(0, 4096):
            heard(said)
        # Started by hand, the group is the shell's: then only this process ends.
        leads_group = os.getpgid(0) == os.getpid()
        (os.killpg if leads_group else os.kill)(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
