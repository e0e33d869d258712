"""Which cores the client and a tier on the same host use, so that neither disturbs the other."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """One core for the client, one for the tier; None where they cannot be kept apart."""

    client: int | None
    tier: int | None

    @property
    def note(self) -> str:
        """What a result has to say about it."""
        if self.tier is None:
            return "tier and client share the cores"
        return f"tier: 1 thread on core {self.tier}; client on core {self.client}; same host"


def share_cores() -> Cores:
    """The first core for the client, the last for the tier, of those this process may use."""
    if not hasattr(os, "sched_getaffinity"):
        return Cores(None, None)
    cores = sorted(os.sched_getaffinity(0))
    return Cores(cores[0], cores[-1]) if len(cores) > 1 else Cores(None, None)
