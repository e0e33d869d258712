"""One measurement from beginning to end: every load on every tier, with warm-up and calibration."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from jarvis_bench.ecapa.clips import Clip, load_clips
from jarvis_bench.errors import MissingExtra, TierFailed, UsageError
from jarvis_bench.prober.calibration import LEAST_PER_S, ceiling, floor
from jarvis_bench.prober.facts import NullFloor, RunFacts
from jarvis_bench.prober.generator import Generator
from jarvis_bench.prober.known_server import known_server
from jarvis_bench.prober.load import Carried, Label, carry_out, prepare
from jarvis_bench.prober.order import LoadOrder, MeasurementOrder, seeds_of
from jarvis_bench.prober.peak import at_rate, find_peak
from jarvis_bench.prober.plan import FIND_PEAK, Plan, make_plan, part_of
from jarvis_bench.prober.rows import ClientTick, RequestRow
from jarvis_bench.prober.start_line import Gate, at_once
from jarvis_bench.prober.warm_up import nothing_answered, references, warm_up
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cores import Cores
from jarvis_bench.tiers.named import NamedTier, named_tier
from jarvis_bench.tiers.service_client import ClientLimits
from jarvis_bench.tiers.stamps import Send
from jarvis_bench.tiers.url import UrlTier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A floor holds for rates this near to its own.
SAME_RATE = 0.25
# What scales to zero is starting because it was asked; what is stopped stays so.
MEASURED = frozenset({Status.READY, Status.STARTING})


@dataclass(frozen=True, slots=True)
class Finished:
    """One load that was carried out, warm-up included; `plan` is the whole, of which this may be a part."""

    facts: RunFacts
    plan: Plan
    rows: tuple[RequestRow, ...]
    ticks: tuple[ClientTick, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """A tier with the clips of one length, warmed up."""

    named: NamedTier
    clips: tuple[Clip, ...]
    sends: tuple[Send, ...]
    references: tuple[NDArray[np.float32] | None, ...]
    warm: tuple[RequestRow, ...]
    facts: RunFacts


class Session:
    """Carries a measurement out in this process.

    Args:
        order: what to measure.
        settings: where tiers and clips are.
        cores: of client and tier.
        finished: is given each load as soon as it is done.
        skipped: is given the status of a tier that cannot be measured.
        progress: is told in words how far it is.
        gate: asked before each load when it begins.
    """

    def __init__(
        self,
        order: MeasurementOrder,
        settings: Settings,
        cores: Cores,
        *,
        finished: Callable[[Finished], None],
        skipped: Callable[[TierStatus], None],
        progress: Callable[[str], None],
        gate: Gate = at_once,
    ) -> None:
        self._order, self._settings, self._cores = order, settings, cores
        self._finished, self._skipped, self._progress, self._gate = finished, skipped, progress, gate
        self._stopped = False
        self._generator: Generator | None = None
        self._number = self._tier = 0
        self._names: list[str] = []
        self._null: UrlTier | None = None
        self._ceilings: dict[float, float] = {}
        self._floors: dict[float, list[NullFloor]] = {}

    def stop(self) -> None:
        """Send no more; what was measured so far is finished and told."""
        self._stopped = True
        if self._generator is not None:
            self._generator.stop()

    async def run(self) -> None:
        """Measure one tier after the other."""
        clips = load_clips(self._settings.data_dir, self._order.clip_seconds)
        async with known_server(core=self._cores.tier) as url:
            self._null = UrlTier(url, limits=self._limits())
            try:
                for place, name in enumerate(self._order.tiers):
                    self._tier = place
                    if not self._stopped:
                        await self._measure_tier(name, clips)
            finally:
                await self._null.aclose()

    async def _measure_tier(self, name: str, clips: Sequence[Clip]) -> None:
        try:
            named = named_tier(
                name, self._settings, runtime=self._order.runtime, cores=self._cores, limits=self._limits()
            )
            async with serving(named, self._progress):
                for clip_s in self._order.clip_seconds:
                    chosen = tuple(clip for clip in clips if clip.seconds == clip_s)
                    # Each is answered once in a window of the warm-up, which gives its reference.
                    await self._measure_length(named, chosen[: self._order.warmup_requests])
        except TierFailed as exc:
            self._skipped(exc.status)
        except MissingExtra as exc:
            self._skipped(TierStatus(name, Status.NOT_INSTALLED, "missing-extra", str(exc)))
        except UsageError as exc:
            self._skipped(TierStatus(name, Status.MISCONFIGURED, "not-usable", str(exc)))

    async def _measure_length(self, named: NamedTier, clips: tuple[Clip, ...]) -> None:
        clip_s = clips[0].seconds
        loads = [load for load in self._order.loads if load.clip_seconds in {None, clip_s}]
        if not loads or self._stopped:
            return
        ready = await self._warm_up(named, clips)
        peak: float | None = None
        for load in loads:
            if self._told():
                break
            if load.plan.scenario == FIND_PEAK:
                peak = await find_peak(partial(self._carry_and_tell, ready, load), load.plan, self._told)
                self._progress(f"{named.tier.name}, {clip_s:g} s: peak {peak:.1f} requests/s")
            elif load.share and peak:
                await self._carry_and_tell(ready, load, at_rate(load.plan, load.share * peak))
            elif not load.share:
                await self._carry_and_tell(ready, load, load.plan)

    async def _warm_up(self, named: NamedTier, clips: tuple[Clip, ...]) -> Ready:
        tier, clip_s = named.tier, clips[0].seconds
        self._progress(f"{tier.name}, {clip_s:g} s: warming up")
        sends = tuple(prepare(tier, clip) for clip in clips)
        label = Label(f"{tier.name} {clip_s:g} s warm-up", tier.name, named.runtime, warmup=True)
        plan = Plan("closed", 1.0, seeds=seeds_of(self._order.seed))
        carry = partial(self._carry, sends, clips, label=label)
        found, carried = await warm_up(carry, plan, requests=self._order.warmup_requests)
        rows = tuple(row for run in carried for row in run.rows)
        if carried and not any(row.ok for row in rows) and not self._stopped:
            raise TierFailed(nothing_answered(tier.name, rows))
        facts = RunFacts(
            tier=tier.name,
            runtime=named.runtime,
            clip_s=clip_s,
            seed=self._order.seed,
            cores=named.cores,
            co_located=named.co_located,
            how=getattr(tier, "how", named.how),
            limits=getattr(tier, "limits", None),
            warmup=found,
        )
        return Ready(named, clips, sends, references(carried, len(clips)), rows, facts)

    async def _carry_and_tell(self, ready: Ready, load: LoadOrder, plan: Plan) -> Carried:
        if not load.replay:
            plan = make_plan(dataclasses.replace(plan, seeds=seeds_of(self._order.seed)))
        tier, clip_s, name = ready.named.tier, ready.facts.clip_s, plan.label
        run = self._name(f"{tier.name} {clip_s:g} s {name}")
        whole, plan = plan, part_of(plan, self._order.part)
        amount = (
            f"{plan.requests} requests" if plan.requests and not plan.is_open else f"{plan.duration_s:g} s"
        )
        start_ns = await self._gate(run, self._tier)
        self._progress(f"{tier.name}, {clip_s:g} s clips: {name}, {amount}")
        label = Label(run, tier.name, ready.named.runtime)
        carried = await self._carry(
            ready.sends, ready.clips, plan, label=label, references=ready.references, start_ns=start_ns
        )
        facts = dataclasses.replace(
            ready.facts,
            run=run,
            load=name,
            scenario=load.plan.scenario,
            duration_s=plan.duration_s,
            rate_per_s=plan.rate_per_s if plan.is_open else 0.0,
            under_way=plan.most_under_way,
            started_ns=carried.started_ns,
            ended_ns=carried.ended_ns,
            clock_ratio=carried.clock_ratio,
            interrupted=carried.interrupted,
            share=load.share or None,
            floor=None if carried.interrupted else await self._calibrate(ready.clips, plan, carried),
        )
        warm = tuple(dataclasses.replace(row, run=run) for row in ready.warm)
        self._finished(Finished(facts, whole, (*warm, *carried.rows), carried.ticks))
        return carried

    async def _calibrate(self, clips: tuple[Clip, ...], plan: Plan, carried: Carried) -> NullFloor | None:
        if self._null is None:
            return None
        sends = tuple(self._null.prepare(clip.samples) for clip in clips)
        carry = partial(self._carry, sends, clips, label=Label("null server", "null", ""))
        clip_s = clips[0].seconds
        if clip_s not in self._ceilings:
            self._ceilings[clip_s] = await ceiling(carry)
        seconds = max((row.ended_ns for row in carried.rows), default=carried.ended_ns) - carried.started_ns
        rate = plan.rate_per_s if plan.is_open else len(carried.rows) / max(1e-9, seconds / 1e9)
        for known in self._floors.get(clip_s, ()):
            if abs(known.rate_per_s / max(rate, LEAST_PER_S) - 1) <= SAME_RATE:
                return known
        found = await floor(carry, rate_per_s=rate, ceiling_per_s=self._ceilings[clip_s])
        if self._stopped:
            return None
        self._floors.setdefault(clip_s, []).append(found)
        return found

    async def _carry(
        self,
        sends: Sequence[Send],
        clips: Sequence[Clip],
        plan: Plan,
        *,
        label: Label,
        references: Sequence[NDArray[np.float32] | None] = (),
        start_ns: int | None = None,
    ) -> Carried:
        carried = await carry_out(
            sends,
            clips,
            plan,
            label,
            first_number=self._number,
            references=references,
            grace_s=self._order.grace_s,
            part=self._order.part,
            start_ns=start_ns,
            started=self._started,
        )
        self._number += len(carried.rows)
        return carried

    def _started(self, generator: Generator) -> None:
        self._generator = generator
        if self._stopped:
            generator.stop()

    def _told(self) -> bool:
        return self._stopped

    def _name(self, run: str) -> str:
        """A key that no other run of this measurement has."""
        self._names.append(run)
        count = self._names.count(run)
        return run if count == 1 else f"{run} #{count}"

    def _limits(self) -> ClientLimits:
        most = max(load.plan.most_under_way for load in self._order.loads)
        return ClientLimits(connections=self._order.connections or max(64, most))


@contextlib.asynccontextmanager
async def serving(named: NamedTier, progress: Callable[[str], None]) -> AsyncIterator[None]:
    """The tier for as long as it is measured; what this process starts is ended.

    Raises:
        TierFailed: it is neither ready nor about to be, or did not become ready.
    """
    tier = named.tier
    try:
        status = await tier.probe()
        # One that is starting is waited for: so looks a service that the probe has woken.
        if status.status not in MEASURED:
            raise TierFailed(status)
        progress(f"{tier.name}: starting")
        await tier.start()
        yield
    finally:
        await tier.aclose()
