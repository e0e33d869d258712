"""`await router.embed(clip)`, and forget which tier answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.errors import RequestRefused, TierFailed
from jarvis_bench.records import ProbeReport, Status, TierStatus
from jarvis_bench.selection.attempts import Attempts
from jarvis_bench.selection.circuit import Circuit
from jarvis_bench.selection.policy import Policy
from jarvis_bench.selection.ranking import is_there, likelihood, why
from jarvis_bench.selection.retry_budget import RetryBudget
from jarvis_bench.selection.router_state import CostFigure, Counters, RouterState
from jarvis_bench.selection.rules import Rules, Signal, read_signal
from jarvis_bench.selection.trace import Trace
from jarvis_bench.selection.trial_clip import TrialClip, find_fault
from jarvis_bench.selection.watching import Watch
from jarvis_bench.tiers.tier import Answer, Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAUSE_S, PAUSE_MOST_S, SHORTEST_S = 0.1, 1.0, 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """An answer, the tier that gave it, and how many attempts it took."""

    answer: Answer
    tier: str
    attempts: int


@dataclass(slots=True, eq=False)
class _Request:
    samples: NDArray[np.float32]
    clip_s: float
    ends_s: float
    attempts: int = 0
    rounds: int = 0
    said: str = ""


class Router:
    """Keeps the choice between tiers true, and fails over.

    Enter it: it decides as the waterfall does, then watches all tiers in the background until it is left. It starts
    only what the policy allows to be started, and stops that again.

    Args:
        tiers: what to choose from; closing them is the caller's.
        policy: what the user wants of the choice.
        rules: when a tier is left and taken back.
        trial_clip: shown to tiers that serve nobody, and to those that were left before they are taken back;
            None believes their probes.
        deadline_s: of the decision at the start; rules hold that of a request.
        clock: seconds that only rise; the running loop's.
        wall: Unix time in seconds, for the record.

    Raises:
        UsageError: the policy names a tier that is not among them.
    """

    def __init__(
        self,
        tiers: Sequence[Tier],
        *,
        policy: Policy | None = None,
        rules: Rules | None = None,
        trial_clip: TrialClip | None = None,
        deadline_s: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.policy, self.rules = policy or Policy(), rules or Rules()
        self.policy.check_names(tier.name for tier in tiers)
        allowed = [tier for tier in tiers if self.policy.allows(tier.name)]
        self._tiers = {
            tier.name: tier for tier in sorted(allowed, key=lambda tier: self.policy.rank(tier.name))
        }
        self._clock = clock
        self._circuits = {
            name: Circuit(name, tier.title, self.rules, clock) for name, tier in self._tiers.items()
        }
        self._budget = RetryBudget(self.rules.retry_share, self.rules.retry_per_s, clock)
        self._attempts = Attempts()
        self._trace = Trace(list(self._circuits.values()), clock, wall)
        self._watch = Watch(self, self._tiers, self._circuits, self._trace, trial_clip, clock, deadline_s)

    async def __aenter__(self) -> Self:
        await self._watch.begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._watch.end()

    @property
    def decision(self) -> ProbeReport:
        """What was decided at the start."""
        return self._watch.report

    def state(self) -> RouterState:
        """Everything that it knows, as one record."""
        return self._trace.state()

    async def changed(self) -> None:
        """Wait for the next switch or change of status."""
        await self._trace.changed()

    def set_price(self, tier: str, price: Callable[[float], CostFigure]) -> None:
        """Let the record show what a paid tier costs: a model, from the seconds that a request takes."""
        self._trace.note_price(tier, price)

    async def read_memory(self) -> None:
        """Look at what each tier holds in RAM; the record shows it from then on."""
        await self._watch.read_memory()

    def note_event(self, status: TierStatus) -> None:
        """An engine has said something about a tier, such as that its container died; ready means "have a look"."""
        circuit = self._circuits.get(status.tier)
        if circuit is not None:
            circuit.note_event(status)
            if read_signal(status) is Signal.DEAD:
                self._attempts.end(status.tier)
            self._watch.look_now(status.tier)
            self.refresh()

    async def embed(self, samples: NDArray[np.float32], *, deadline_s: float | None = None) -> Answer:
        """The embedding of one clip: mono 16 kHz, float32 `[n]` in [-1, 1], from the best tier that gives it.

        Args:
            samples: the clip.
            deadline_s: how long it may take, failover included, in seconds; default that of the rules.

        Raises:
            TierFailed: no tier gave it within the deadline; the reason names what each of them did.
            RequestRefused: the clip itself is at fault.
        """
        return (await self.serve(samples, deadline_s=deadline_s)).answer

    async def serve(self, samples: NDArray[np.float32], *, deadline_s: float | None = None) -> Served:
        """As `embed`, with the tier that answered."""
        within_s = self.rules.deadline_s if deadline_s is None else deadline_s
        request = _Request(samples, len(samples) / SAMPLE_RATE_HZ, self._clock() + within_s)
        self._trace.requests += 1
        self._budget.earn()
        try:
            while True:
                served = await self._round(request)
                if served is not None:
                    return served
                await self._between_rounds(request)
        except TierFailed:
            self._trace.failed += 1
            raise

    async def _round(self, request: _Request) -> Served | None:
        """Each tier once, best first; None where none of them gave it."""
        tried: set[str] = set()
        while (circuit := self._next(tried)) is not None:
            tried.add(circuit.tier)
            await self._pay(request)
            try:
                answer = await self._attempt(circuit, request, *self._limits_s(circuit, request, tried))
            except TierFailed as failed:
                request.said = (
                    f"{request.said}; {failed.status.reason}" if request.said else failed.status.reason
                )
            else:
                return Served(answer, circuit.tier, request.attempts)
        return None

    def _next(self, tried: set[str]) -> Circuit | None:
        """The best tier that serves, or else the likeliest of those that were left."""
        spare: list[Circuit] = []
        for circuit in self._circuits.values():
            if circuit.tier not in tried:
                if circuit.usable():
                    return circuit
                if circuit.askable() and is_there(circuit):
                    spare.append(circuit)
        return min(spare, key=likelihood, default=None)

    async def _pay(self, request: _Request) -> None:
        """The first attempt and the first failover to another tier are free; the rest is on the budget."""
        request.attempts += 1
        if request.attempts == 2 and request.rounds == 0:
            self._trace.failovers += 1
        elif request.attempts > 1:
            while not self._budget.take():
                await self._sleep(self._budget.wait_s(), request)
            self._trace.retries += 1
        self._trace.sent += 1

    def _limits_s(self, circuit: Circuit, request: _Request, tried: set[str]) -> tuple[float, float]:
        """How long to wait while the tier gets nowhere, and at all: what is left, less what others might need."""
        left_s = request.ends_s - self._clock()
        others = [other for other in self._circuits.values() if other.tier not in tried and other.askable()]
        promising = sum(other.promising() for other in others)
        if promising:
            return circuit.patience_s(request.clip_s), left_s / (promising + 1)
        most_s = left_s * 0.6 if any(is_there(other) for other in others) else left_s
        return most_s, most_s

    async def _attempt(self, circuit: Circuit, request: _Request, patience_s: float, most_s: float) -> Answer:
        epoch, began_s = circuit.epoch, self._clock()
        try:
            async with self._attempts.within(circuit.tier, patience_s, most_s):
                answer = await self._tiers[circuit.tier].embed(request.samples)
        except TimeoutError:
            took_s = self._clock() - began_s
            died = took_s < min(patience_s, most_s) - SHORTEST_S
            failed = (
                TierFailed(circuit.status)
                if died
                else _broken(circuit, "timeout", f"no answer within {took_s:.2f} s")
            )
            # What a caller in a hurry does not wait for says nothing about the tier.
            if took_s >= min(circuit.patience_s(request.clip_s), self.rules.patience_s) - 1e-6:
                circuit.failed(failed.status, None, epoch)
        except TierFailed as raised:
            failed = raised
            circuit.failed(failed.status, failed.retry_after_s, epoch)
        except RequestRefused:
            raise
        except Exception as exc:  # an adapter's own fault must not cost the request
            failed = _broken(circuit, "tier-error", f"{type(exc).__name__}: {exc}")
            circuit.failed(failed.status, None, epoch)
        else:
            fault = find_fault(answer.vector)
            if fault is None:
                took_s = self._clock() - began_s
                circuit.succeeded(took_s, request.clip_s, epoch)
                self._trace.note_latency(circuit.tier, took_s)
                self.refresh()
                return answer
            failed = _broken(circuit, "wrong-embedding", fault)
            circuit.failed(failed.status, None, epoch)
        self.refresh()
        raise failed

    async def _between_rounds(self, request: _Request) -> None:
        """Every tier has failed or is busy: wait a little, or until the first of them wants to be asked again."""
        pause_s = min(PAUSE_MOST_S, PAUSE_S * 2**request.rounds)
        request.rounds += 1
        if request.attempts == 0:
            waits_s = [circuit.busy_until_s for circuit in self._circuits.values() if circuit.busy()]
            if not waits_s:
                raise self._nobody(request)
            pause_s = max(0.0, min(waits_s) - self._clock()) + 1e-6
        await self._sleep(pause_s, request)

    async def _sleep(self, seconds: float, request: _Request) -> None:
        if self._clock() + seconds >= request.ends_s:
            raise self._nobody(request)
        await asyncio.sleep(max(seconds, SHORTEST_S))

    def _nobody(self, request: _Request) -> TierFailed:
        busy_s = [circuit.busy_until_s for circuit in self._circuits.values() if circuit.busy()]
        states = "; ".join(circuit.status.reason for circuit in self._circuits.values())
        status = TierStatus("router", Status.BROKEN, "no-tier", f"no tier gave it: {request.said or states}")
        return TierFailed(status, retry_after_s=max(0.0, min(busy_s) - self._clock()) if busy_s else None)

    @property
    def counters(self) -> Counters:
        """Requests and attempts so far."""
        return self._trace.counters()

    def refresh(self) -> None:
        """Note what has changed, and the tier for new requests."""
        best = self._next(set())
        if (best.tier if best else None) != self._trace.active:
            left = self._circuits.get(self._trace.active or "")
            self._trace.note_active(best.tier if best else None, *why(left, best))
            self._watch.on_switch()
        self._trace.note_statuses()


def _broken(circuit: Circuit, cause: str, detail: str) -> TierFailed:
    return TierFailed(TierStatus(circuit.tier, Status.BROKEN, cause, f"{circuit.title}: {detail}"))
