"""An instance as a process of our service on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from jarvis_bench.errors import NothingMeasured
from jarvis_bench.process_memory import read_rss
from jarvis_bench.settings import Settings, as_environment
from jarvis_bench.tiers.cloud_run.emulator.instance import Ending, StartFailed, contract
from jarvis_bench.tiers.cloud_run.emulator.settings import EmulatorSettings
from jarvis_bench.tiers.cloud_run.emulator.start_up_probe import passes

MODULE = "jarvis_bench.tiers.cloud_run.emulator.instance_process"


class ProcessInstance:
    """`python -m …instance_process`, in a session of its own, ended with all that it started.

    Its memory is its resident set: in a sandbox of its own no page would be shared.

    Args:
        name: of the instance.
        emulated: the service's settings; the environment that Cloud Run gives is made of them.
        settings: of the program inside.
    """

    def __init__(self, name: str, emulated: EmulatorSettings, settings: Settings) -> None:
        self.name = name
        self._emulated, self._settings = emulated, settings
        self._port = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Loopback and the port that it was told in PORT."""
        return "127.0.0.1", self._port

    @property
    def pid(self) -> int | None:
        """The process to look at; None before the start."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the process on a free port.

        Raises:
            StartFailed: the machine gives no process.
        """
        self._port = free_port()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MODULE),
                *("--runtime", self._emulated.runtime, "--threads", str(self._emulated.threads)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                env=self.environment(os.environ),
                cwd=Path.cwd(),
                start_new_session=True,
            )
        except OSError as exc:
            raise StartFailed(f"no process for an instance: {exc}") from exc

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """What Cloud Run's container contract promises, over the program's settings and our own environment."""
        told = contract(self._emulated, self._port)
        return {**inherited, **as_environment(self._settings), **told}

    async def answers(self, path: str) -> bool:
        """One try of the start-up probe."""
        return await passes(self.address, path)

    async def ended(self) -> Ending:
        """Wait for the process."""
        if self._process is None:
            return Ending()
        return Ending(words=f"exit code {await self._process.wait()}")

    async def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    async def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    async def memory_bytes(self) -> int | None:
        """Its resident set size in bytes."""
        if self._process is None:
            return None
        try:
            return read_rss(self._process.pid)
        except NothingMeasured:
            return None

    async def kill(self) -> None:
        """SIGKILL its whole group, and collect it."""
        self._signal(signal.SIGKILL)
        await self.ended()

    async def stop(self, grace_s: float) -> None:
        """SIGCONT, SIGTERM, `grace_s` seconds, SIGKILL."""
        if self._process is None:
            return
        try:
            self._signal(signal.SIGCONT)
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace_s):
                    await self._process.wait()
        finally:
            self._signal(signal.SIGKILL)
        await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        # A process that was collected has given its number back; its group may live on, so that is asked.
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def free_port() -> int:
    """A port that was free a moment ago; Cloud Run, too, tells the container where to listen."""
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])
