"""The life of one instance: started, probed, watched, frozen between requests, ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from enum import StrEnum
from time import perf_counter
from typing import Any

from jarvis_bench.tiers.cloud_run.emulator.events import Kind
from jarvis_bench.tiers.cloud_run.emulator.instance import Ending, Instance, StartFailed
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
        self.thaws_s: list[float] = []
        self.idle_timer: asyncio.TimerHandle | None = None
        self._settings, self._note = settings, note
        self._frozen = False
        self._cpu = asyncio.Lock()

    @property
    def staying(self) -> bool:
        """Whether it is not about to end."""
        return self.state is not State.ENDING and not self.end.is_set()

    async def start(self) -> None:
        """From nothing to a passed start-up probe.

        Raises:
            StartFailed: it ended, or the probe did not pass.
        """
        await asyncio.sleep(self._settings.start_delay_s)
        await self.instance.start()
        probing = asyncio.ensure_future(self._pass_probe(self._settings.startup_probe))
        ended = asyncio.ensure_future(self.instance.ended())
        exceeding = asyncio.ensure_future(self._exceed_memory())
        try:
            await asyncio.wait({probing, ended, exceeding}, return_when=asyncio.FIRST_COMPLETED)
            if exceeding.done() or (ended.done() and ended.result().out_of_memory):
                raise StartFailed(f"it exceeded its {self._settings.memory_mib} MiB before it was up")
            if ended.done():
                raise StartFailed(f"it ended before it was up: {ended.result().words}")
            await probing
        finally:
            await _cancel(probing, ended, exceeding)

    async def run(self) -> None:
        """Returns when it ended: because it was told to, died, or held too much memory."""
        told = asyncio.ensure_future(self.end.wait())
        ended = asyncio.ensure_future(self.instance.ended())
        exceeding = asyncio.ensure_future(self._exceed_memory())
        try:
            await asyncio.wait({told, ended, exceeding}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and not exceeding.done():
                self._note_ending(ended.result())
            elif told.done():
                self._note(Kind.ENDING, "")
        finally:
            await _cancel(told, ended, exceeding)

    def _note_ending(self, ending: Ending) -> None:
        self.state = State.ENDING
        if ending.out_of_memory:
            self._note(Kind.OUT_OF_MEMORY, f"Memory limit of {self._settings.memory_mib} MiB exceeded")
        else:
            self._note(Kind.DIED, ending.words)

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
                began_s = perf_counter()
                await self.instance.thaw()
                self._frozen = False
                self.thaws_s.append(perf_counter() - began_s)
                self._note(Kind.THAWED, f"in {self.thaws_s[-1] * 1e3:.1f} ms")

    async def take_cpu(self) -> None:
        """After the last request's answer, where CPU is given during requests only."""
        if self.state is not State.READY or self._settings.cpu_always:
            return
        async with self._cpu:
            if self.staying and not self.active and not self._frozen:
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
