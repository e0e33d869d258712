"""The same faults with scripted tiers on a clock that jumps: what no machine can be made to do at will."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from jarvis_bench.errors import TierFailed, UsageError, unknown_name
from jarvis_bench.kit.switching_records import RunSwitch, SwitchedRequest, SwitchingFacts, SwitchingPlan
from jarvis_bench.kit.virtual_time import run_virtually
from jarvis_bench.records import Status
from jarvis_bench.selection.policy import ORDER
from jarvis_bench.selection.router import Router
from jarvis_bench.selection.router_state import RouterState
from jarvis_bench.selection.rules import Rules
from jarvis_bench.selection.trial_clip import TrialClip
from jarvis_bench.tiers.fake import DEAD, STOPPED, Behaviour, FakeTier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WELL_S: Mapping[str, float] = {"docker": 0.045, "cloud-run": 0.14, "local": 0.08}
APART_S = 120.0
BUSY = Behaviour(status=Status.BUSY, cause="rate-exceeded", retry_after_s=5.0)
# What each tier does from the fault to its cure; a tier that is not named is well.
SCRIPTS: Mapping[str, Mapping[str, Behaviour]] = {
    "killed": {"docker": DEAD},
    "frozen": {"docker": Behaviour(hangs=True)},
    "slowed": {"docker": Behaviour(latency_s=WELL_S["docker"] + 2.0)},
    "out of memory": {"docker": Behaviour(status=Status.BROKEN, cause="out-of-memory")},
    "engine stopped": {"docker": STOPPED},
    "killed, Cloud Run at its limit": {"docker": DEAD, "cloud-run": BUSY},
    "killed, Cloud Run scaled to zero": {"docker": DEAD, "cloud-run": Behaviour(latency_s=6.0)},
}


async def play_scripts(plan: SwitchingPlan) -> tuple[tuple[SwitchedRequest, ...], SwitchingFacts]:
    """Every scripted fault of the plan, one run each, in a thread with a loop of its own.

    Raises:
        UsageError: no such fault.
    """
    for name in plan.faults:
        if name not in SCRIPTS:
            raise unknown_name("scripted fault", name, SCRIPTS)
    if plan.calm_s < 2:
        raise UsageError("calm has to be at least 2 s")
    rows: list[SwitchedRequest] = []
    switches: list[RunSwitch] = []
    sent = 0
    for name in plan.faults:
        played = await asyncio.to_thread(_play_one, name, plan)
        rows += played[0]
        switches += played[1]
        sent += played[2]
    return tuple(rows), SwitchingFacts(plan, ORDER, tuple(switches), sent, len(rows), plan.rate_per_s)


def _play_one(name: str, plan: SwitchingPlan) -> tuple[list[SwitchedRequest], list[RunSwitch], int]:
    return run_virtually(_play(name, plan))


async def play_together() -> RouterState:
    """All of them one after the other on one time line; the router's record of it."""
    return await asyncio.to_thread(lambda: run_virtually(_play_together()))


async def _play_together() -> RouterState:
    import numpy as np

    clock = asyncio.get_running_loop().time
    clip = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)
    scripts: dict[str, list[tuple[float, Behaviour]]] = {}
    for tier in WELL_S:
        well = _well(tier)
        scripts[tier] = [(0.0, well)]
        for number, faults in enumerate(SCRIPTS.values()):
            if tier in faults:
                scripts[tier] += [(10.0 + number * APART_S, faults[tier]), (14.0 + number * APART_S, well)]
    tiers = [FakeTier(tier, script, clock=clock) for tier, script in scripts.items()]
    offset_s = time.time() - clock()
    async with Router(
        tiers, trial_clip=TrialClip(clip, clock=clock), clock=clock, wall=lambda: clock() + offset_s
    ) as router:
        for _ in range(round(APART_S * len(SCRIPTS) * 2)):
            await router.serve(clip)
            await asyncio.sleep(0.45)
        return router.state()


async def _play(name: str, plan: SwitchingPlan) -> tuple[list[SwitchedRequest], list[RunSwitch], int]:
    import numpy as np

    clock = asyncio.get_running_loop().time
    clip = np.linspace(-0.5, 0.5, 16_000, dtype=np.float32)
    expected = (await FakeTier("reference", clock=clock).embed(clip)).vector
    tiers = [FakeTier(tier, [(0.0, _well(tier))], clock=clock) for tier in ORDER]
    rules = Rules(back_off_s=plan.back_off_s, good_over_s=plan.good_over_s)
    known = TrialClip(clip, expected, clock=clock)
    rows: list[SwitchedRequest] = []
    async with Router(tiers, rules=rules, trial_clip=known, clock=clock, wall=clock) as router:
        began_s = clock()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_break(tiers, SCRIPTS[name], plan))
            for index in range(round((plan.calm_s + plan.fault_s + plan.after_s) * plan.rate_per_s)):
                planned_s = index / plan.rate_per_s
                await asyncio.sleep(max(0.0, began_s + planned_s - clock()))
                tasks.create_task(_ask(router, rows, name, index, planned_s, began_s, clip, expected))
        state = router.state()
    switches = [
        RunSwitch(name, one.at_s - began_s, one.left, one.taken, one.cause, one.reason)
        for one in state.switches
    ]
    return rows, switches, state.counters.sent


def _well(tier: str) -> Behaviour:
    return Behaviour(latency_s=WELL_S[tier], jitter=0.3)


async def _break(tiers: Sequence[FakeTier], faults: Mapping[str, Behaviour], plan: SwitchingPlan) -> None:
    await asyncio.sleep(plan.calm_s)
    for tier in tiers:
        if tier.name in faults:
            tier.act(faults[tier.name])
    await asyncio.sleep(plan.fault_s)
    for tier in tiers:
        tier.act(_well(tier.name))


async def _ask(
    router: Router,
    rows: list[SwitchedRequest],
    fault: str,
    index: int,
    planned_s: float,
    began_s: float,
    clip: NDArray[np.float32],
    expected: NDArray[np.float32],
) -> None:
    tier, attempts, right, error = None, 0, True, None
    try:
        served = await router.serve(clip)
    except TierFailed as failed:
        error = str(failed)
    else:
        tier, attempts = served.tier, served.attempts
        right = bool((served.answer.vector == expected).all())
    waited_s = asyncio.get_running_loop().time() - began_s - planned_s
    rows.append(SwitchedRequest(fault, index, planned_s, waited_s, tier, attempts, right, error))
