"""What an instance is to the emulator: a process here, a container where there is an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.tiers.cloud_run.emulator.settings import EmulatorSettings


class StartFailed(JarvisBenchError):
    """An instance ended, or did not pass its start-up probe."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an instance ended: whether the kernel did it at the memory limit, and what else is known, in words."""

    out_of_memory: bool = False
    words: str = ""


class Instance(Protocol):
    """One instance of the service, not yet started when it is made."""

    @property
    def name(self) -> str:
        """Unique among the instances of one emulator."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on once it is up."""

    async def start(self) -> None:
        """Begin the start-up; returns when the instance runs, which is before it listens.

        Raises:
            StartFailed: it cannot be started.
        """

    async def answers(self, path: str) -> bool:
        """One try of the start-up probe: GET `path` and a status of 200 to 399; without a path, a connection."""

    async def ended(self) -> Ending:
        """Returns when it has ended, for whatever reason."""

    async def freeze(self) -> None:
        """Take its CPU away."""

    async def thaw(self) -> None:
        """Give its CPU back."""

    async def memory_bytes(self) -> int | None:
        """What it holds; None where the kernel itself holds it to its limit, or nothing can be read."""

    async def kill(self) -> None:
        """SIGKILL, as for too much memory."""

    async def stop(self, grace_s: float) -> None:
        """SIGTERM, `grace_s` seconds, SIGKILL; returns when it is gone. Thaws it first."""


def contract(emulated: EmulatorSettings, port: int) -> dict[str, str]:
    """The environment that Cloud Run's container contract promises to an instance."""
    return {
        "PORT": str(port),
        "K_SERVICE": emulated.service,
        "K_REVISION": emulated.revision,
        "K_CONFIGURATION": emulated.service,
    }
