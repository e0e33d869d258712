"""Choose once at start-up: probe all tiers at once, take the first ready one in order."""

from __future__ import annotations

import time
from collections.abc import Sequence

from jarvis_bench.prober.probe import probe
from jarvis_bench.records import Decision, ProbeReport, Status, TierStatus
from jarvis_bench.selection.once import Once
from jarvis_bench.tiers.tier import Probed

ORDER = ("docker", "cloud-run", "local")


class Waterfall:
    """The start-up decision, made once and shared by all who ask.

    Args:
        tiers: what to choose from.
        deadline_s: seconds a single tier may take to answer.
    """

    def __init__(self, tiers: Sequence[Probed], *, deadline_s: float = 2.0) -> None:
        self._tiers = tuple(tiers)
        self._deadline_s = deadline_s
        self._once = Once(self._decide)

    async def decide(self) -> ProbeReport:
        """The decision; concurrent callers get the same, finished object."""
        return await self._once.get()

    async def _decide(self) -> ProbeReport:
        started_s = time.perf_counter()
        statuses = await probe(self._tiers, deadline_s=self._deadline_s)
        return ProbeReport(statuses, choose(statuses), time.perf_counter() - started_s)


def choose(statuses: Sequence[TierStatus]) -> Decision:
    """The first ready tier in the order Docker, Cloud Run, local; the reason names those passed over."""
    ranked = sorted(statuses, key=lambda status: ORDER.index(status.tier))
    passed: list[str] = []
    for status in ranked:
        if status.status is Status.READY:
            return Decision(status.tier, "; ".join([*passed, status.reason]))
        passed.append(status.reason)
    return Decision(None, "; ".join(passed) or "no tier was asked")
