"""Choose at start-up: probe all tiers at once, take the first ready one in order; start a better one meanwhile.

Phase 1 asks and starts nothing: all tiers at once, each under the same deadline. Phase 2 is the router's or the
caller's: the decision names the tier that may be started in the background while the chosen one serves.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Sequence

from jarvis_bench.prober.probe import probe_one
from jarvis_bench.records import Decision, ProbeReport, Status, TierStatus
from jarvis_bench.selection.once import Once
from jarvis_bench.selection.policy import ORDER, Policy
from jarvis_bench.selection.trial_clip import Sighting, TrialClip
from jarvis_bench.tiers.local import available_ram_bytes
from jarvis_bench.tiers.tier import Probed

__all__ = ["ORDER", "Waterfall", "choose"]

# Other states cannot be cured by starting the tier.
STARTABLE = frozenset({Status.STOPPED})


class Waterfall:
    """The start-up decision, made once and shared by all who ask.

    Args:
        tiers: what to choose from.
        deadline_s: seconds a single tier may take to answer, known clip included.
        policy: what the user wants of the choice.
        trial_clip: sent to every tier that says it is ready and may be asked so; a tier that does not give its
            embedding is not ready.
        available_ram: free RAM in bytes, where the policy has a floor.
        clock: seconds that only rise.

    Raises:
        UsageError: the policy names a tier that is not among them.
    """

    def __init__(
        self,
        tiers: Sequence[Probed],
        *,
        deadline_s: float = 2.0,
        policy: Policy | None = None,
        trial_clip: TrialClip | None = None,
        available_ram: Callable[[], int] = available_ram_bytes,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._policy = policy or Policy()
        self._policy.check_names(tier.name for tier in tiers)
        self._tiers = tuple(tier for tier in tiers if self._policy.allows(tier.name))
        self._deadline_s = deadline_s
        self._trial_clip = trial_clip
        self._available_ram = available_ram
        self._clock = clock
        self._once = Once(self._decide)
        self.sightings: dict[str, Sighting] = {}

    async def decide(self) -> ProbeReport:
        """The decision; concurrent callers get the same, finished object."""
        return await self._once.get()

    async def _decide(self) -> ProbeReport:
        started_s = self._clock()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(tier)) for tier in self._tiers]
        statuses = tuple(task.result() for task in tasks)
        return ProbeReport(statuses, choose(statuses, self._policy), self._clock() - started_s)

    async def _ask(self, tier: Probed) -> TierStatus:
        began_s = self._clock()
        status = await probe_one(tier, deadline_s=self._deadline_s)
        status = self._with_ram_floor(status)
        if status.status is Status.READY and self._trial_clip and tier.name not in self._policy.lazy:
            left_s = self._deadline_s - (self._clock() - began_s)
            sighting = await self._trial_clip.show(tier, timeout_s=left_s)
            if sighting is not None:
                self.sightings[tier.name] = sighting
                status = sighting.status or status
        return dataclasses.replace(status, seconds=self._clock() - began_s)

    def _with_ram_floor(self, status: TierStatus) -> TierStatus:
        floor = self._policy.local_ram_floor_bytes
        if status.tier != "local" or status.status is not Status.READY or floor is None:
            return status
        free = self._available_ram()
        if free >= floor:
            return status
        reason = f"Local: {free / 1e9:.1f} GB RAM free, {floor / 1e9:.1f} GB wanted"
        return TierStatus(status.tier, Status.BUSY, "low-ram", reason)


def choose(statuses: Sequence[TierStatus], policy: Policy | None = None) -> Decision:
    """The first ready tier in the policy's order; the reason names those passed over, and what is started."""
    policy = policy or Policy()
    allowed = [status for status in statuses if policy.allows(status.tier)]
    ranked = sorted(allowed, key=lambda status: policy.rank(status.tier))
    passed: list[str] = []
    chosen: str | None = None
    for status in ranked:
        passed.append(status.reason)
        if status.status is Status.READY:
            chosen = status.tier
            break
    starts = _to_start(ranked, chosen, policy)
    said = [*passed, *([f"{starts} is started in the background"] if starts else [])]
    return Decision(chosen, "; ".join(said) or "no tier was asked", starts)


def _to_start(ranked: Sequence[TierStatus], chosen: str | None, policy: Policy) -> str | None:
    """The best tier that is stopped, may be started, and is better than the chosen one."""
    if chosen in policy.sufficient:
        return None
    for status in ranked:
        if status.tier == chosen:
            return None
        if status.tier in policy.started and status.status in STARTABLE:
            return status.tier
    return None
