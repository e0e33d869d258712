"""Faults while requests come: who served each of them, and what its user waited."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.errors import JarvisBenchError, UsageError, unknown_name
from jarvis_bench.kit.faulty_service import FaultyService
from jarvis_bench.kit.measure import measure
from jarvis_bench.selection.policy import Policy
from jarvis_bench.selection.router import Router
from jarvis_bench.selection.rules import Rules
from jarvis_bench.selection.trial_clip import TrialClip
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.local import LocalTier
from jarvis_bench.tiers.tier import Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RIGHT_COSINE = 0.999
SLOW_S = 2.0
ORDER = ("service", "local")


@dataclass(frozen=True, slots=True)
class SwitchingPlan:
    """What is asked and what goes wrong; all times in seconds.

    Args:
        faults: names in `FAULTS`, one run each.
        rate_per_s: requests a second, planned ahead, of clips of 1 s.
        calm_s: before the fault.
        fault_s: from the fault to its cure.
        after_s: from the cure to the end of the run.
        back_off_s: of the router before its first trial.
        good_over_s: over which its trials have to be good.
    """

    faults: tuple[str, ...] = ("killed", "frozen", "slowed", "restarted")
    rate_per_s: float = 10.0
    calm_s: float = 3.0
    fault_s: float = 4.0
    after_s: float = 30.0
    back_off_s: float = 15.0
    good_over_s: float = 10.0

    def check(self) -> None:
        """Refuse a fault that does not exist, and times of which nothing could be seen.

        Raises:
            UsageError: naming it.
        """
        for fault in self.faults:
            if fault not in FAULTS:
                raise unknown_name("fault", fault, FAULTS)
        if not (self.rate_per_s > 0 and self.calm_s >= 2 and self.fault_s > 0 and self.after_s > 0):
            raise UsageError("rate, fault and after have to be above 0, and calm at least 2 s")


@dataclass(frozen=True, slots=True)
class SwitchedRequest:
    """One request of a run.

    `planned_s`: since the run began; `waited_s`: last byte minus planned; `right`: whether it is the embedding that
    the first tier gave before any fault (cosine at least 0.999).
    """

    fault: str
    index: int
    planned_s: float
    waited_s: float
    tier: str | None
    attempts: int
    right: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class RunSwitch:
    """One switch of a run, in seconds since it began."""

    fault: str
    at_s: float
    left: str | None
    taken: str | None
    cause: str
    reason: str


@dataclass(frozen=True, slots=True)
class SwitchingFacts:
    """What holds for the whole measurement."""

    plan: SwitchingPlan
    tiers: tuple[str, ...]
    switches: tuple[RunSwitch, ...]
    sent: int
    planned: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to the service, and how it is cured."""

    begin: Callable[[FaultyService], Awaitable[None]]
    end: Callable[[FaultyService], Awaitable[None]]
    through_proxy: bool = False


async def _kill(service: FaultyService) -> None:
    service.kill()


async def _freeze(service: FaultyService) -> None:
    service.freeze()


async def _thaw(service: FaultyService) -> None:
    service.thaw()


async def _slow(service: FaultyService) -> None:
    service.slow_down(SLOW_S)


async def _hurry(service: FaultyService) -> None:
    service.slow_down(0.0)


async def _restart(service: FaultyService) -> None:
    await service.stop()
    await service.start()


FAULTS = {
    "killed": Fault(_kill, FaultyService.start),
    "frozen": Fault(_freeze, _thaw),
    "slowed": Fault(_slow, _hurry, through_proxy=True),
    "restarted": Fault(_restart, FaultyService.start),
}


@dataclass
class _Run:
    """What one run gathers."""

    fault: str
    rows: list[SwitchedRequest] = field(default_factory=list)
    switches: list[RunSwitch] = field(default_factory=list)
    sent: int = 0


async def measure_switching(
    plan: SwitchingPlan, *, progress: Callable[[str], None] = print
) -> tuple[tuple[SwitchedRequest, ...], SwitchingFacts]:
    """`measure_faults` in a process of its own, apart from the notebook's kernel.

    Raises:
        UsageError: no such fault, or a time that is no time.
        NothingMeasured: the measuring process ended without a result.
    """
    plan.check()
    lines = await measure("switching", dataclasses.asdict(plan), progress)
    progress(f"{len(lines['row'])} requests")
    facts = lines["facts"][0]
    told = SwitchingFacts(
        plan=plan,
        tiers=tuple(facts["tiers"]),
        switches=tuple(RunSwitch(**switch) for switch in facts["switches"]),
        sent=facts["sent"],
        planned=facts["planned"],
    )
    return tuple(SwitchedRequest(**row) for row in lines["row"]), told


async def measure_faults(
    settings: Settings, plan: SwitchingPlan, progress: Callable[[str], None]
) -> tuple[list[SwitchedRequest], SwitchingFacts]:
    """A process of our service before the local tier, both on the onnx runtime; one run a fault.

    Raises:
        TierFailed: one of them did not start.
        UsageError: the clips are not there.
    """
    clips = load_clips(settings.data_dir, [1.0])
    runs: list[_Run] = []
    async with _tiers(settings) as (service, local):
        expected = [(await service.embed(clip.samples)).vector for clip in clips]
        for name in plan.faults:
            progress(f"{name}: {plan.calm_s + plan.fault_s + plan.after_s:.0f} s")
            runs.append(await _run(name, service, local, plan, clips, expected))
    rows = [row for run in runs for row in run.rows]
    switches = tuple(switch for run in runs for switch in run.switches)
    return rows, SwitchingFacts(plan, ORDER, switches, sum(run.sent for run in runs), len(rows))


@asynccontextmanager
async def _tiers(settings: Settings) -> AsyncIterator[tuple[FaultyService, LocalTier]]:
    local = LocalTier(settings, runtime="onnx")
    try:
        await local.start()
        async with FaultyService() as service:
            yield service, local
    finally:
        await local.aclose()


async def _run(
    name: str,
    service: FaultyService,
    local: Tier,
    plan: SwitchingPlan,
    clips: Sequence[Clip],
    expected: Sequence[NDArray[np.float32]],
) -> _Run:
    fault, run = FAULTS[name], _Run(name)
    await service.start()
    await service.connect(through_proxy=fault.through_proxy)
    rules = Rules(back_off_s=plan.back_off_s, good_over_s=plan.good_over_s)
    policy = Policy(order=ORDER, paid=frozenset(), lazy=frozenset())
    known = TrialClip(clips[0].samples, expected[0])
    async with Router([service, local], policy=policy, rules=rules, trial_clip=known) as router:
        began_unix_s = time.time()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_break(service, fault, plan))
            await _ask_all(router, run, plan, clips, expected)
        state = router.state()
    run.switches += [
        RunSwitch(name, one.at_s - began_unix_s, one.left, one.taken, one.cause, one.reason)
        for one in state.switches
    ]
    run.sent = state.counters.sent
    return run


async def _break(service: FaultyService, fault: Fault, plan: SwitchingPlan) -> None:
    await asyncio.sleep(plan.calm_s)
    await fault.begin(service)
    await asyncio.sleep(plan.fault_s)
    await fault.end(service)


async def _ask_all(
    router: Router,
    run: _Run,
    plan: SwitchingPlan,
    clips: Sequence[Clip],
    expected: Sequence[NDArray[np.float32]],
) -> None:
    """An open loop: every request at its planned time, whatever became of those before."""
    began_s = time.perf_counter()

    async def ask(index: int, planned_s: float) -> None:
        tier, attempts, right, error = None, 0, True, None
        try:
            served = await router.serve(clips[index % len(clips)].samples)
        except JarvisBenchError as exc:
            error = str(exc)
        else:
            tier, attempts = served.tier, served.attempts
            right = _is_right(served.answer.vector, expected[index % len(clips)])
        waited_s = time.perf_counter() - began_s - planned_s
        run.rows.append(SwitchedRequest(run.fault, index, planned_s, waited_s, tier, attempts, right, error))

    async with asyncio.TaskGroup() as tasks:
        for index in range(round((plan.calm_s + plan.fault_s + plan.after_s) * plan.rate_per_s)):
            planned_s = index / plan.rate_per_s
            await asyncio.sleep(max(0.0, began_s + planned_s - time.perf_counter()))
            tasks.create_task(ask(index, planned_s))


def _is_right(vector: NDArray[np.float32], expected: NDArray[np.float32]) -> bool:
    import numpy as np

    norms = float(np.linalg.norm(vector)) * float(np.linalg.norm(expected))
    return float(vector @ expected) / norms >= RIGHT_COSINE
