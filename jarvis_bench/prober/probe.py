"""Ask all tiers at once how they are, each under its own deadline."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Sequence

from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.tier import Probed


async def probe(tiers: Sequence[Probed], *, deadline_s: float) -> tuple[TierStatus, ...]:
    """One status a tier, in the order given; no tier waits for another.

    Args:
        tiers: what to ask.
        deadline_s: seconds after which a tier that has not answered is recorded as such.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(probe_one(tier, deadline_s=deadline_s)) for tier in tiers]
    return tuple(task.result() for task in tasks)


async def probe_one(tier: Probed, *, deadline_s: float) -> TierStatus:
    """The status of one tier, within `deadline_s` seconds, whatever its probe does."""
    started_s = time.perf_counter()
    try:
        async with asyncio.timeout(deadline_s):
            status = await tier.probe()
    except TimeoutError:
        reason = f"{tier.title}: no answer within {deadline_s:g} s"
        status = TierStatus(tier.name, tier.when_silent, "no-answer", reason)
    except Exception as exc:  # one tier's fault must not cost the others; it is told by its type and text
        reason = f"{tier.title}: the probe failed with {type(exc).__name__}: {exc}"
        status = TierStatus(tier.name, Status.BROKEN, "probe-error", reason)
    return dataclasses.replace(status, seconds=time.perf_counter() - started_s)
