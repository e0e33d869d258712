"""Keeps what the router did, bounded: switches, changes of status, the last latencies."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from jarvis_bench.prober.percentiles import percentile
from jarvis_bench.records import Status
from jarvis_bench.selection.circuit import Circuit
from jarvis_bench.selection.router_state import (
    CostFigure,
    Counters,
    MemoryFigure,
    RouterState,
    StatusChange,
    Switch,
    TierView,
)

SWITCHES, CHANGES, LATENCIES, DRAWN = 200, 600, 1000, 60


class Trace:
    """The router's memory.

    Args:
        circuits: the tiers in order.
        clock: the router's clock.
        wall: Unix time in seconds, for people.
    """

    def __init__(
        self, circuits: Sequence[Circuit], clock: Callable[[], float], wall: Callable[[], float]
    ) -> None:
        self._circuits, self._clock, self._wall = tuple(circuits), clock, wall
        self._began_s = wall()
        self._switches: deque[Switch] = deque(maxlen=SWITCHES)
        self._changes: deque[StatusChange] = deque(maxlen=CHANGES)
        self._shown: dict[str, tuple[str, Status, str]] = {}
        self._latencies: dict[str, deque[float]] = {
            circuit.tier: deque(maxlen=LATENCIES) for circuit in circuits
        }
        self._answers = dict.fromkeys(self._latencies, 0)
        self._memory: dict[str, tuple[MemoryFigure, ...]] = {}
        self._prices: dict[str, Callable[[float], CostFigure]] = {}
        self._changed = asyncio.Event()
        self.active: str | None = None
        self.active_reason = "no tier was asked"
        self.requests = self.sent = self.failovers = self.retries = self.failed = 0

    async def changed(self) -> None:
        """Wait for the next switch or change of status."""
        await self._changed.wait()

    def note_latency(self, tier: str, seconds: float) -> None:
        """A tier has answered."""
        self._latencies[tier].append(seconds)
        self._answers[tier] += 1

    def note_memory(self, tier: str, figures: tuple[MemoryFigure, ...]) -> None:
        """What a tier holds now."""
        self._memory[tier] = figures

    def note_price(self, tier: str, price: Callable[[float], CostFigure]) -> None:
        """What a paid tier costs, by the seconds that a request takes."""
        self._prices[tier] = price

    def note_active(self, tier: str | None, cause: str, reason: str) -> None:
        """The tier for new requests, if it is another one."""
        if tier == self.active:
            return
        self._switches.append(Switch(self._wall(), self.active, tier, cause, reason))
        self.active, self.active_reason = tier, reason
        self._tell()

    def note_statuses(self) -> None:
        """Whatever has changed about the tiers since the last time."""
        for circuit in self._circuits:
            status = circuit.status
            shown = (circuit.state.value, status.status, status.cause)
            if self._shown.get(circuit.tier) != shown:
                self._shown[circuit.tier] = shown
                self._changes.append(
                    StatusChange(self._wall(), circuit.tier, status.status, circuit.state.value, status.cause)
                )
                self._tell()

    def state(self) -> RouterState:
        """Everything, as it is now."""
        return RouterState(
            at_s=self._wall(),
            began_s=self._began_s,
            active=self.active,
            active_reason=self.active_reason,
            tiers=tuple(self._view(circuit) for circuit in self._circuits),
            switches=tuple(self._switches),
            changes=tuple(self._changes),
            counters=self.counters(),
        )

    def counters(self) -> Counters:
        """Requests and attempts so far."""
        return Counters(self.requests, self.sent, self.failovers, self.retries, self.failed)

    def _view(self, circuit: Circuit) -> TierView:
        latencies, status = self._latencies[circuit.tier], circuit.status
        price, middle_s = self._prices.get(circuit.tier), percentile(latencies, 50).seconds
        return TierView(
            name=circuit.tier,
            title=circuit.title,
            state=circuit.state.value,
            status=status.status,
            cause=status.cause,
            reason=status.reason,
            since_s=self._wall() - (self._clock() - circuit.since_s),
            answers=self._answers[circuit.tier],
            latencies_s=tuple(latencies)[-DRAWN:],
            p50_s=middle_s,
            p99_s=percentile(latencies, 99).seconds,
            how=circuit.how,
            memory=self._memory.get(circuit.tier, ()),
            cost=None if price is None or middle_s is None else price(middle_s),
        )

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
