"""The local tier: the reference model in a process of its own on this machine."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from jarvis_bench.records import Status, TierStatus

NEEDED_PACKAGES = ("speechbrain", "torch")
CGROUP_LIMITS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)


def available_ram_bytes() -> int:
    """RAM that a new process could use, in bytes: the host's, or less where a cgroup says so."""
    available = int(psutil.virtual_memory().available)
    for limit, usage in CGROUP_LIMITS:
        if limit.is_file() and (text := limit.read_text().strip()).isdigit():
            available = min(available, max(0, int(text) - int(usage.read_text())))
    return available


@dataclass(frozen=True, slots=True)
class LocalTier:
    """This machine.

    Args:
        ram_floor_bytes: free RAM below which the tier is not offered.
        available_ram: how much RAM is free, in bytes; a parameter so that a world can set it.
    """

    ram_floor_bytes: int = 1_000_000_000
    available_ram: Callable[[], int] = available_ram_bytes
    name: str = "local"
    title: str = "Local"
    when_silent: Status = Status.BROKEN

    async def probe(self) -> TierStatus:
        """Look for the packages and for enough free RAM; nothing is imported or loaded."""
        missing = [package for package in NEEDED_PACKAGES if importlib.util.find_spec(package) is None]
        if missing:
            reason = f"Local: {', '.join(missing)} not installed (pip install 'jarvis-bench[local]')"
            return TierStatus(self.name, Status.NOT_INSTALLED, "missing-extra", reason)
        free = self.available_ram()
        if free < self.ram_floor_bytes:
            reason = f"Local: {free / 1e9:.1f} GB RAM free, {self.ram_floor_bytes / 1e9:.1f} GB needed"
            return TierStatus(self.name, Status.BUSY, "low-ram", reason)
        return TierStatus(self.name, Status.READY, "ok", f"Local: Ready ({free / 1e9:.1f} GB RAM free)")
