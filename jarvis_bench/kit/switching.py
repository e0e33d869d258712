"""Faults while requests come: who served each of them, and what its user waited."""

from __future__ import annotations

import asyncio
import dataclasses
import statistics
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.errors import JarvisBenchError, UsageError, unknown_name
from jarvis_bench.kit.faults import FAULTS, Fault, Faulty
from jarvis_bench.kit.faulty_docker import FaultyDocker
from jarvis_bench.kit.faulty_service import FaultyService
from jarvis_bench.kit.measure import measure
from jarvis_bench.kit.switching_records import (
    RunSwitch,
    SwitchedRequest,
    SwitchingFacts,
    SwitchingPlan,
    switching_facts,
)
from jarvis_bench.kit.tiers_up import tiers_up
from jarvis_bench.records import Status
from jarvis_bench.selection.engine_events import follow_engine
from jarvis_bench.selection.policy import Policy
from jarvis_bench.selection.router import Router
from jarvis_bench.selection.rules import Rules
from jarvis_bench.selection.trial_clip import TrialClip
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.tier import CloudRunTier
from jarvis_bench.tiers.cores import Cores
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.known_clip import find_known_clip
from jarvis_bench.tiers.local import LocalTier
from jarvis_bench.tiers.tier import Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RIGHT_COSINE = 0.999
FIRST = ("service", "docker", "auto")


@dataclass
class _Run:
    """What one run gathers."""

    fault: str
    rows: list[SwitchedRequest] = field(default_factory=list)
    switches: list[RunSwitch] = field(default_factory=list)
    sent: int = 0


def check_plan(plan: SwitchingPlan) -> None:
    """Refuse a fault that does not exist, and times of which nothing could be seen.

    Raises:
        UsageError: naming it.
    """
    for fault in plan.faults:
        if fault not in FAULTS:
            raise unknown_name("fault", fault, FAULTS)
    if plan.first not in FIRST:
        raise unknown_name("first tier", plan.first, FIRST)
    if not (
        plan.rate_per_s > 0
        and plan.calm_s >= 2
        and plan.fault_s > 0
        and plan.after_s > 0
        and plan.share_most > 0
        and plan.threads > 0
    ):
        raise UsageError("rate, share, threads, fault and after have to be above 0, and calm at least 2 s")


async def measure_switching(
    plan: SwitchingPlan, *, progress: Callable[[str], None] = print
) -> tuple[tuple[SwitchedRequest, ...], SwitchingFacts]:
    """`measure_faults` in a process of its own, apart from the notebook's kernel.

    Raises:
        UsageError: no such fault, or a time that is no time.
        NothingMeasured: the measuring process ended without a result.
    """
    check_plan(plan)
    lines = await measure("switching", dataclasses.asdict(plan), progress)
    progress(f"{len(lines['row'])} requests")
    facts = switching_facts(lines["facts"][0])
    return tuple(SwitchedRequest(**row) for row in lines["row"]), facts


async def measure_faults(
    settings: Settings, plan: SwitchingPlan, progress: Callable[[str], None]
) -> tuple[list[SwitchedRequest], SwitchingFacts]:
    """The first tier of the plan before those that can take over, all on the onnx runtime; one run a fault.

    With Docker first the second is Cloud Run, emulated, and the last the local tier; else the local tier alone.

    Raises:
        TierFailed: one of them did not start.
        UsageError: the clips are not there.
    """
    clips = load_clips(settings.data_dir, [1.0])
    runs: list[_Run] = []
    async with _tiers(settings, plan, progress) as (first, others):
        expected, alone_s = await _embed_alone(first, clips)
        paced = dataclasses.replace(plan, rate_per_s=min(plan.rate_per_s, plan.share_most / alone_s))
        progress(f"{first.name}: {alone_s:.3f} s a clip alone, asked {paced.rate_per_s:.1f} times a second")
        for name in plan.faults:
            progress(f"{first.name} {name}: {plan.calm_s + plan.fault_s + plan.after_s:.0f} s")
            runs.append(await _run(name, first, others, paced, clips, expected))
        names = (first.name, *(tier.name for tier in others))
    rows = [row for run in runs for row in run.rows]
    switches = tuple(switch for run in runs for switch in run.switches)
    sent = sum(run.sent for run in runs)
    return rows, SwitchingFacts(plan, names, switches, sent, len(rows), paced.rate_per_s, alone_s)


async def _embed_alone(first: Faulty, clips: Sequence[Clip]) -> tuple[list[NDArray[np.float32]], float]:
    """The right embeddings, and the median of the seconds that one takes."""
    await first.embed(clips[0].samples)
    vectors, took_s = [], []
    for clip in clips:
        began_s = time.perf_counter()
        vectors.append((await first.embed(clip.samples)).vector)
        took_s.append(time.perf_counter() - began_s)
    return vectors, statistics.median(took_s)


@asynccontextmanager
async def _tiers(
    settings: Settings, plan: SwitchingPlan, tell: Callable[[str], None]
) -> AsyncIterator[tuple[Faulty, list[Tier]]]:
    first, threads = plan.first, plan.threads
    async with AsyncExitStack() as stack:
        if first in ("docker", "auto"):
            settings = await stack.enter_async_context(
                tiers_up(settings, tell, cores=Cores(None, None), threads=threads)
            )
        if first == "auto":
            first = await _best_first(settings)
        local = LocalTier(settings, runtime="onnx", threads=threads)
        stack.push_async_callback(local.aclose)
        others: list[Tier] = [local]
        if settings.cloud_run_url and first == "docker":
            cloud = CloudRunTier(settings.cloud_run_url, settings=settings)
            stack.push_async_callback(cloud.aclose)
            others.insert(0, cloud)
        for tier in others:
            tell(f"{tier.name}: starting")
            await tier.start()
        made: FaultyDocker | FaultyService = (
            FaultyDocker(settings, threads=threads) if first == "docker" else FaultyService(threads=threads)
        )
        yield await stack.enter_async_context(made), others


async def _run(
    name: str,
    first: Faulty,
    others: Sequence[Tier],
    plan: SwitchingPlan,
    clips: Sequence[Clip],
    expected: Sequence[NDArray[np.float32]],
) -> _Run:
    fault, run = FAULTS[name], _Run(name)
    await first.start()
    await first.connect(through_proxy=fault.through_proxy)
    order = (first.name, *(tier.name for tier in others))
    policy = Policy(order=order, lazy=frozenset())
    known = TrialClip(clips[0].samples, expected[0])
    async with Router([first, *others], policy=policy, rules=rules_of(plan), trial_clip=known) as router:
        began_unix_s = time.time()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_break(first, fault, plan))
            hearing = [tasks.create_task(hear) for hear in _engine_events(router, first)]
            await _ask_all(router, run, plan, clips, expected)
            for task in hearing:
                task.cancel()
        state = router.state()
    run.switches += [
        RunSwitch(name, one.at_s - began_unix_s, one.left, one.taken, one.cause, one.reason)
        for one in state.switches
    ]
    run.sent = state.counters.sent
    return run


async def _best_first(settings: Settings) -> str:
    """Docker where our container is up, else a process of the service."""
    tier = DockerTier(settings, known=find_known_clip(settings))
    try:
        return "docker" if (await tier.probe()).status is Status.READY else "service"
    finally:
        await tier.aclose()


def rules_of(plan: SwitchingPlan) -> Rules:
    """The router's own rules; where the return is shortened, it looks more often, too."""
    usual = Rules()
    return Rules(
        back_off_s=plan.back_off_s,
        good_over_s=plan.good_over_s,
        probe_every_s=min(usual.probe_every_s, plan.back_off_s / 3),
        trial_every_s=min(usual.trial_every_s, plan.good_over_s / 3),
    )


def _engine_events(router: Router, first: Faulty) -> list[Coroutine[Any, Any, None]]:
    if not isinstance(first, FaultyDocker):
        return []
    return [follow_engine(router, first.settings.docker_host, first.settings.container_name)]


async def _break(first: Faulty, fault: Fault, plan: SwitchingPlan) -> None:
    await asyncio.sleep(plan.calm_s)
    await fault.begin(first)
    await asyncio.sleep(plan.fault_s)
    await fault.end(first)


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
