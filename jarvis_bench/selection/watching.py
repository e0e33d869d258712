"""The router's own look at the tiers: probes, trials of those that were left, and starting one meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from jarvis_bench.errors import TierFailed
from jarvis_bench.prober.probe import probe_one
from jarvis_bench.records import ProbeReport, Status, TierStatus
from jarvis_bench.selection.circuit import Circuit, State
from jarvis_bench.selection.policy import Policy
from jarvis_bench.selection.router_state import MemoryFigure
from jarvis_bench.selection.rules import Rules
from jarvis_bench.selection.trace import Trace
from jarvis_bench.selection.trial_clip import Sighting, TrialClip
from jarvis_bench.selection.waterfall import Waterfall, choose
from jarvis_bench.tiers.tier import Tier

STOP_WITHIN_S = 15.0
SHORTEST_S = 0.001


class Chooser(Protocol):
    """What the watch tells of what it saw."""

    policy: Policy
    rules: Rules

    def refresh(self) -> None:
        """Something may have changed."""


class Watch:
    """One task a tier, and one for a tier that is being started.

    Args:
        chooser: the router.
        tiers: by name, in order.
        circuits: by name.
        trace: where memory and latencies are noted.
        trial_clip: what trials show; None believes the probes.
        clock: seconds that only rise.
        deadline_s: of the decision at the start.
    """

    def __init__(
        self,
        chooser: Chooser,
        tiers: Mapping[str, Tier],
        circuits: Mapping[str, Circuit],
        trace: Trace,
        trial_clip: TrialClip | None,
        clock: Callable[[], float],
        deadline_s: float,
    ) -> None:
        self._chooser, self._rules, self._policy = chooser, chooser.rules, chooser.policy
        self._tiers, self._circuits, self._trace = tiers, circuits, trace
        self._trial_clip, self._clock, self._deadline_s = trial_clip, clock, deadline_s
        self._wake = {name: asyncio.Event() for name in tiers}
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting: dict[str, float] = {}
        self._started: list[Tier] = []
        self.report: ProbeReport

    async def begin(self) -> None:
        """Decide, then watch."""
        waterfall = Waterfall(
            list(self._tiers.values()),
            deadline_s=self._deadline_s,
            # Only tiers that the policy allows are here.
            policy=dataclasses.replace(self._policy, forced=None, skipped=frozenset()),
            trial_clip=self._trial_clip,
            clock=self._clock,
        )
        self.report = await waterfall.decide()
        clip_s = self._trial_clip.seconds if self._trial_clip else 0.0
        for status in self.report.tiers:
            self._circuits[status.tier].admit(status, waterfall.sightings.get(status.tier), clip_s)
            self._note_how(status.tier)
        await self._group.__aenter__()
        for name in self._tiers:
            self._own(self._watch(name), f"watch {name}")
        for name in self._policy.warm:
            if name in self._tiers and self._circuits[name].probed.status is not Status.NOT_INSTALLED:
                self._start(name)
        self._chooser.refresh()

    async def end(self) -> None:
        """Stop watching, and stop what was started."""
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(None, None, None)
        for tier in self._started:
            with contextlib.suppress(TierFailed, TimeoutError):
                async with asyncio.timeout(STOP_WITHIN_S):
                    await tier.stop()

    def look_now(self, name: str) -> None:
        """Do not wait for the next probe."""
        self._wake[name].set()

    def on_switch(self) -> None:
        """Another tier serves: a paid one may no longer be idle, and one may have to be started."""
        for name in self._policy.paid & self._wake.keys():
            self._wake[name].set()
        statuses = [circuit.status for circuit in self._circuits.values()]
        starts = choose(statuses, self._policy).starts
        if starts is not None:
            self._start(starts)

    def _own(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        task = self._group.create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _start(self, name: str) -> None:
        now_s = self._clock()
        if now_s >= self._starting.get(name, now_s):
            self._starting[name] = now_s + self._rules.back_off_most_s
            self._own(self._start_one(self._tiers[name]), f"start {name}")

    async def _start_one(self, tier: Tier) -> None:
        if tier.name in self._policy.lazy or self._circuits[tier.name].probed.status is not Status.READY:
            # What ran before we came is not ours to stop.
            self._started.append(tier)
        try:
            await tier.start()
        except TierFailed as failed:
            self._circuits[tier.name].note_probe(failed.status)
        except Exception as exc:  # an adapter's own fault; it is told, and the others go on
            reason = f"{tier.title}: could not be started ({type(exc).__name__}: {exc})"
            self._circuits[tier.name].note_probe(TierStatus(tier.name, Status.BROKEN, "start-failed", reason))
        self._wake[tier.name].set()
        self._chooser.refresh()

    async def _watch(self, name: str) -> None:
        circuit = self._circuits[name]
        while True:
            await self._pause(name, circuit)
            await self._look(self._tiers[name], circuit)
            self._chooser.refresh()

    async def _pause(self, name: str, circuit: Circuit) -> None:
        """Until the next look is due, or somebody wants it now."""
        wake, loop = self._wake[name], asyncio.get_running_loop()
        while (wait_s := self._due_s(name, circuit) - self._clock()) > 0:
            timer = loop.call_later(max(wait_s, SHORTEST_S), wake.set)
            await wake.wait()
            timer.cancel()
            wake.clear()
            if name not in self._policy.paid:
                return

    def _due_s(self, name: str, circuit: Circuit) -> float:
        rules = self._rules
        if name not in self._policy.paid:
            return self._clock() + (
                rules.probe_every_s if circuit.state is not State.HALF_OPEN else rules.trial_every_s
            )
        if circuit.state is State.CLOSED or self._is_idle(circuit):
            return circuit.last_contact_s + rules.paid_idle_every_s
        return max(circuit.last_contact_s + rules.good_over_s / 2, circuit.not_before_s, circuit.busy_until_s)

    def _is_idle(self, circuit: Circuit) -> bool:
        """Whether a better tier serves, so that this one is not missed."""
        active = self._trace.active
        return active is not None and self._policy.rank(active) < self._policy.rank(circuit.tier)

    def _note_how(self, name: str) -> None:
        """An emulated service says so with its first answer."""
        self._circuits[name].how = getattr(self._tiers[name], "how", "measured")

    async def _look(self, tier: Tier, circuit: Circuit) -> None:
        circuit.note_probe(await probe_one(tier, deadline_s=self._rules.probe_timeout_s))
        self._note_how(tier.name)
        if circuit.trial_due():
            await self._try(tier, circuit)
        elif self._is_unused(circuit) and self._trial_clip:
            await self._exercise(tier, circuit, self._trial_clip)

    def _is_unused(self, circuit: Circuit) -> bool:
        """Whether a free tier that should work has not been asked for anything for a while."""
        if circuit.tier in self._policy.paid or not circuit.usable() or not self._may_show(circuit):
            return False
        return self._clock() - (circuit.last_ok_s or circuit.since_s) >= self._rules.idle_every_s

    def _may_show(self, circuit: Circuit) -> bool:
        """A lazy tier that has not served yet would have to be loaded for it."""
        return circuit.tier not in self._policy.lazy or circuit.last_ok_s is not None

    async def _try(self, tier: Tier, circuit: Circuit) -> None:
        sighting = Sighting(0.0)
        if self._trial_clip is not None and self._may_show(circuit):
            shown = await self._trial_clip.show(tier, timeout_s=self._rules.probe_timeout_s)
            sighting = shown or sighting
        circuit.note_trial(sighting, self._trial_clip.seconds if self._trial_clip else 0.0)

    async def _exercise(self, tier: Tier, circuit: Circuit, trial_clip: TrialClip) -> None:
        epoch = circuit.epoch
        sighting = await trial_clip.show(tier, timeout_s=self._rules.probe_timeout_s)
        if sighting is None:
            return
        if sighting.status is None:
            circuit.succeeded(sighting.seconds, trial_clip.seconds, epoch)
            self._trace.note_latency(circuit.tier, sighting.seconds)
        else:
            circuit.failed(sighting.status, sighting.retry_after_s, epoch)

    async def read_memory(self) -> None:
        """Note what each tier holds in RAM now."""
        for name, tier in self._tiers.items():
            memory = getattr(tier, "memory", None)
            if memory is not None:
                with contextlib.suppress(TierFailed):
                    readings = await memory()
                    figures = tuple(MemoryFigure(one.metric, one.bytes, one.how) for one in readings)
                    self._trace.note_memory(name, figures)
