"""The life of one instance: started, probed, watched, frozen between requests, ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from jarvis_bench.tiers.cloud_run.emulator.events import Kind
from jarvis_bench.tiers.cloud_run.emulator.instance import Instance, StartFailed
from jarvis_bench.tiers.cloud_run.emulator.settings import MIB, EmulatorSettings, StartupProbe

MEMORY_EVERY_S = 0.1
POLL_S = 0.02


class State(StrEnum):
    """Where in its life an instance is."""

    STARTING = "starting"
    READY = "ready"
    ENDING = "ending"


class Life:
    """One instance and what the emulator knows of it.

    Args:
        instance: not yet started.
        settings: of the service.
        note: told what happens, in `events.Kind` and words.
    """

    def __init__(
        self, instance: Instance, settings: EmulatorSettings, note: Callable[[Kind, str], None]
    ) -> None:
        self.instance = instance
        self.state = State.STARTING
        self.active = 0
        self.end = asyncio.Event()
        self.idle_timer: asyncio.TimerHandle | None = None
        self._settings, self._note = settings, note
        self._frozen = False
        self._cpu = asyncio.Lock()

    async def start(self) -> None:
        """From nothing to a passed start-up probe.

        Raises:
            StartFailed: it ended, or the probe did not pass.
        """
        await asyncio.sleep(self._settings.start_delay_s)
        await self.instance.start()
        probing = asyncio.ensure_future(self._pass_probe(self._settings.startup_probe))
        ended = asyncio.ensure_future(self.instance.ended())
        try:
            await asyncio.wait({probing, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not probing.done():
                raise StartFailed("it ended before it was up")
            await probing
        finally:
            await _cancel(probing, ended)

    async def run(self) -> Kind:
        """Returns when it ended: because it was told to, died, or held too much memory."""
        watches = {
            asyncio.ensure_future(self.end.wait()): Kind.ENDING,
            asyncio.ensure_future(self.instance.ended()): Kind.DIED,
            asyncio.ensure_future(self._exceed_memory()): Kind.OUT_OF_MEMORY,
        }
        try:
            done, _ = await asyncio.wait(watches, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancel(*watches)
        return next(kind for watch, kind in watches.items() if watch in done)

    async def stop(self) -> None:
        """SIGTERM, the time to finish, SIGKILL."""
        async with self._cpu:
            await self.instance.stop(self._settings.stop_s)

    async def give_cpu(self) -> None:
        """Before a request."""
        if self.state is not State.READY:
            return
        async with self._cpu:
            if self._frozen:
                await self.instance.thaw()
                self._frozen = False
                self._note(Kind.THAWED, "")

    async def take_cpu(self) -> None:
        """After the last request's answer, where CPU is given during requests only."""
        if self.state is not State.READY or self._settings.cpu_always:
            return
        async with self._cpu:
            idle = self.state is State.READY and not self.active and not self.end.is_set()
            if idle and not self._frozen:
                await self.instance.freeze()
                self._frozen = True
                self._note(Kind.FROZEN, "")

    async def _exceed_memory(self) -> None:
        limit_mib = self._settings.memory_mib
        while True:
            # A frozen instance allocates nothing.
            held = None if self._frozen else await self.instance.memory_bytes()
            if held is not None and held > limit_mib * MIB:
                text = f"Memory limit of {limit_mib} MiB exceeded with {round(held / MIB)} MiB used"
                self._note(Kind.OUT_OF_MEMORY, text)
                self.state = State.ENDING
                await self.instance.kill()
                return
            await asyncio.sleep(MEMORY_EVERY_S)

    async def _pass_probe(self, probe: StartupProbe) -> None:
        for _ in range(probe.failures):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(probe.period_s):
                    while not await self.instance.answers(probe.path):  # noqa: ASYNC110  nobody tells us
                        # An HTTP probe that failed is repeated when its period is over, a connection at once.
                        await asyncio.sleep(probe.period_s if probe.path else POLL_S)
                    return
        raise StartFailed(f"its start-up probe did not pass in {probe.failures} x {probe.period_s:g} s")


async def _cancel(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
