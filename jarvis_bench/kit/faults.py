"""What can happen to a real tier, and how it is cured."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from jarvis_bench.tiers.tier import Tier

SLOW_S = 2.0


class Faulty(Tier, Protocol):
    """A tier to which things can happen."""

    async def connect(self, *, through_proxy: bool) -> None:
        """Reach it where it can be slowed down, or as usual."""

    async def kill(self) -> None:
        """End it without warning."""

    async def freeze(self) -> None:
        """It accepts connections and answers nothing."""

    async def thaw(self) -> None:
        """It goes on where it stopped."""

    async def slow_down(self, seconds: float) -> None:
        """Every answer is late by so much."""

    async def restart(self) -> None:
        """Stop it as it should be stopped, and start it again."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to the first tier, and how it is cured."""

    begin: Callable[[Faulty], Awaitable[None]]
    end: Callable[[Faulty], Awaitable[None]]
    through_proxy: bool = False


FAULTS = {
    "killed": Fault(lambda tier: tier.kill(), lambda tier: tier.start()),
    "frozen": Fault(lambda tier: tier.freeze(), lambda tier: tier.thaw()),
    "slowed": Fault(
        lambda tier: tier.slow_down(SLOW_S), lambda tier: tier.slow_down(0.0), through_proxy=True
    ),
    "restarted": Fault(lambda tier: tier.restart(), lambda tier: tier.start()),
}
