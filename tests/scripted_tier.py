"""A tier that answers what a test tells it to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from jarvis_bench.records import Status, TierStatus


@dataclass
class ScriptedTier:
    """Answers `status` once `gate` is open; `asked` counts the probes, and `entered` is set by the first."""

    name: str = "docker"
    status: Status = Status.READY
    gate: asyncio.Event | None = None
    title: str = "Scripted"
    when_silent: Status = Status.BROKEN
    asked: int = 0
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def probe(self) -> TierStatus:
        """Wait for the gate, then answer."""
        self.asked += 1
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        return told(self.name, self.status)


def told(tier: str, status: Status) -> TierStatus:
    """What a tier of that name answers when it is in that state."""
    return TierStatus(tier, status, "scripted", f"{tier} is {status}")
