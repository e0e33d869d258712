"""Children end with all that they started, however their parent or their caller ends."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jarvis_bench.child_process import child_process, read_output

from .processes import ends, lives

Environment = dict[str, str]

# Reads no input, starts a process, and says both process ids.
DEAF = """
import os, subprocess, time
started = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL)
print(os.getpid(), started.pid, flush=True)
"""
WATCHFUL = "from jarvis_bench.child_process import end_with_parent\nend_with_parent()\n"
STAYS = "time.sleep(600)\n"
# Runs a child, passes its ids on, and waits.
PARENT = """
import asyncio
from jarvis_bench.child_process import child_process

async def main():
    async with child_process("child") as process:
        print((await process.stdout.readline()).decode(), end="", flush=True)
        await process.wait()

asyncio.run(main())
"""


@pytest.fixture
def child(tmp_path: Path) -> Callable[[str], Environment]:
    """Write the module `child` and return an environment in which it can be imported."""

    def write(source: str) -> Environment:
        (tmp_path / "child.py").write_text(source)
        return {**os.environ, "PYTHONPATH": str(tmp_path)}

    return write


async def ids(process: asyncio.subprocess.Process) -> tuple[int, int]:
    """The process ids that the child said: its own, and that of the process it started."""
    assert process.stdout is not None
    own, started = (await process.stdout.readline()).split()
    return int(own), int(started)


async def test_child_that_ends_takes_along_what_it_started(child: Callable[[str], Environment]) -> None:
    """What an ended child left running is ended, too."""
    async with child_process("child", env=child(DEAF)) as process:
        _, started = await ids(process)
        assert await process.wait() == 0
        assert lives(started)
    assert ends(started)


async def test_deaf_child_is_killed_after_its_grace(child: Callable[[str], Environment]) -> None:
    """A child that does not care about its input is ended with what it started."""
    async with child_process("child", env=child(DEAF + STAYS), grace_s=0.05) as process:
        own, started = await ids(process)
    assert process.returncode == -9
    assert ends(own)
    assert ends(started)


async def test_child_ends_though_its_caller_is_cancelled_twice(child: Callable[[str], Environment]) -> None:
    """An impatient second Ctrl-C leaves no process behind."""
    pids: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
    leaving = asyncio.Event()

    async def call() -> None:
        async with child_process("child", env=child(DEAF + STAYS), grace_s=60.0) as process:
            pids.set_result(await ids(process))
            try:
                await process.wait()
            finally:
                leaving.set()

    task = asyncio.create_task(call())
    own, started = await pids
    task.cancel()
    await leaving.wait()
    await asyncio.sleep(0)  # it now waits for the child's grace to pass
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ends(own)
    assert ends(started)


async def test_watchful_child_is_read_to_its_end(child: Callable[[str], Environment]) -> None:
    """Reading all output does not close the input, which would tell the child that its parent is gone."""
    source = f"{WATCHFUL}import time\ntime.sleep(0.1)\nprint('all of it')\n"
    async with child_process("child", env=child(source)) as process:
        assert await read_output(process) == b"all of it\n"
        assert process.returncode == 0


async def test_lines_longer_than_the_default_limit_arrive(child: Callable[[str], Environment]) -> None:
    """A figure in one line of output is no reason to fail."""
    async with child_process("child", env=child("print('x' * 1_000_000)")) as process:
        assert process.stdout is not None
        assert len(await process.stdout.readline()) == 1_000_001


def test_killed_parent_ends_its_child(child: Callable[[str], Environment]) -> None:
    """A parent that is killed outright takes along its child and what that started."""
    env = child(WATCHFUL + DEAF + STAYS)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], env=env, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        own, started = map(int, parent.stdout.readline().split())
        assert lives(own)
        assert lives(started)
        parent.kill()
    assert ends(own)
    assert ends(started)


def test_child_started_by_hand_ends_alone(child: Callable[[str], Environment]) -> None:
    """Without a group of its own, a child whose input closes does not take its shell with it."""
    source = f"{WATCHFUL}import time\ntime.sleep(600)\n"
    shell = f"{sys.executable} -m child </dev/null; echo $?"
    done = subprocess.run(
        ["sh", "-c", shell],
        env=child(source),
        capture_output=True,
        text=True,
        start_new_session=True,
        check=True,
    )
    assert done.stdout == "137\n"
