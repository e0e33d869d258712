"""An instance that does what a test tells it to, in the loop's own time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from jarvis_bench.tiers.cloud_run.emulator.instance import Ending, StartFailed


@dataclass
class Script:
    """What all instances of a test have in common; `made` lists them."""

    start_s: float = 2.0
    stop_s: float = 0.5
    fails: bool = False
    never_up: bool = False
    made: list[ScriptedInstance] = field(default_factory=list)

    def make(self, name: str) -> ScriptedInstance:
        """As the emulator asks for one."""
        instance = ScriptedInstance(name, self)
        self.made.append(instance)
        return instance


class ScriptedInstance:
    """Starts in `start_s`, ends in `stop_s`; `log` has what was done to it."""

    def __init__(self, name: str, script: Script) -> None:
        self.name = name
        self.script = script
        self.log: list[str] = []
        self.held_bytes = 1
        self.gone = asyncio.Event()
        self.ending = Ending()
        self._up_at_s = 0.0

    @property
    def address(self) -> tuple[str, int]:
        """Nobody connects."""
        return "127.0.0.1", 9

    async def start(self) -> None:
        """Takes time in `answers`."""
        if self.script.fails:
            raise StartFailed("scripted")
        self._up_at_s = asyncio.get_running_loop().time() + self.script.start_s
        self.log.append("start")

    async def answers(self, path: str) -> bool:
        """Up after `start_s`."""
        now_s = asyncio.get_running_loop().time()
        if not path and now_s < self._up_at_s:
            await asyncio.sleep(self._up_at_s - now_s)
        # A timer may be early by what a sum of floats loses.
        return not self.script.never_up and asyncio.get_running_loop().time() >= self._up_at_s - 1e-6

    async def ended(self) -> Ending:
        """When told."""
        await self.gone.wait()
        return self.ending

    async def freeze(self) -> None:
        """Noted."""
        self.log.append("freeze")

    async def thaw(self) -> None:
        """Noted."""
        self.log.append("thaw")

    async def memory_bytes(self) -> int | None:
        """As set."""
        return self.held_bytes

    async def kill(self) -> None:
        """Gone at once."""
        self.log.append("kill")
        self.gone.set()

    async def stop(self, grace_s: float) -> None:
        """Takes its time, but not more than it is given."""
        self.log.append("stop")
        if not self.gone.is_set():
            await asyncio.sleep(min(self.script.stop_s, grace_s))
        self.gone.set()
