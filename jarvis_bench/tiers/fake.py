"""A tier that does what a script says: for tests, for the demo, and for showing what the router does with faults."""

from __future__ import annotations

import asyncio
import bisect
import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_bench.errors import TierFailed, UsageError
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.tier import Answer, MemoryReading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A real transform of so many samples gives 193 magnitudes; the last is left out.
TRANSFORM = 384


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the tier behaves from one moment on.

    Args:
        latency_s: what an embedding takes, in seconds.
        jitter: at most this share is added to it, drawn from the tier's seed.
        status: what the tier is; an embedding fails with it unless it is `ready`.
        cause: the code that goes with it.
        retry_after_s: when a failed request asks to be repeated, in seconds.
        hangs: nothing is answered, probes included, until the behaviour changes.
        seems_ready: probes say `ready` whatever the status is.
        wrong: embeddings are not finite.
        memory_bytes: what it holds in RAM; None is "cannot be read".
    """

    latency_s: float = 0.05
    jitter: float = 0.0
    status: Status = Status.READY
    cause: str = "ok"
    retry_after_s: float | None = None
    hangs: bool = False
    seems_ready: bool = False
    wrong: bool = False
    memory_bytes: int | None = None


GOOD = Behaviour()
DEAD = Behaviour(status=Status.BROKEN, cause="unreachable")
STOPPED = Behaviour(status=Status.STOPPED, cause="container-stopped")


class FakeTier:
    """A tier on a time line: each entry of the script holds from its second on.

    Args:
        name: as other tiers are named.
        script: `(second, behaviour)` in rising order, in seconds since the tier was made; before the first it
            is `GOOD`.
        title: its name in a sentence; default the name.
        start_s: what `start` takes, in seconds.
        probe_s: what a probe takes, in seconds.
        seed: of the jitter.
        clock: seconds that only rise.
        sleep: waits so many seconds of that clock.

    Raises:
        UsageError: the script's times do not rise.
    """

    when_silent = Status.BROKEN
    how = "scripted"

    def __init__(
        self,
        name: str = "fake",
        script: Sequence[tuple[float, Behaviour]] = (),
        *,
        title: str = "",
        start_s: float = 0.0,
        probe_s: float = 0.002,
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        times = [at_s for at_s, _ in script]
        if times != sorted(times):
            raise UsageError(f"the script of tier {name!r} does not go forward in time: {times}")
        self.name, self.title = name, title or name
        self._script = [(-math.inf, GOOD), *script]
        self._times_s = [-math.inf, *times]
        self._start_s, self._probe_s = start_s, probe_s
        self._clock, self._sleep = clock, sleep
        self._random = random.Random(seed)
        self._began_s = clock()
        self._changed = asyncio.Event()
        self.requests = 0
        self.starts = self.stops = 0

    @property
    def behaviour(self) -> Behaviour:
        """What holds now."""
        return self._script[self._at()][1]

    def act(self, behaviour: Behaviour) -> None:
        """Behave like this from now on, whatever the script said."""
        self._script, self._times_s = [(-math.inf, behaviour)], [-math.inf]
        self._changed.set()
        self._changed = asyncio.Event()

    async def probe(self) -> TierStatus:
        """What the script says it is."""
        await self._sleep(self._probe_s)
        await self._thaw()
        now = self.behaviour
        return self._status(Status.READY, "ok") if now.seems_ready else self._status(now.status, now.cause)

    async def start(self) -> None:
        """Become `GOOD`, unless it is ready already."""
        if self.behaviour.status is not Status.READY:
            await self._sleep(self._start_s)
            self.starts += 1
            self.act(GOOD)

    async def stop(self) -> None:
        """Become `STOPPED`."""
        self.stops += 1
        self.act(STOPPED)

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The first 192 magnitudes of the clip's spectrum, the same on every fake tier.

        Raises:
            TierFailed: the script says so, at the beginning or before the answer was ready.
        """
        self.requests += 1
        await self._thaw()
        before = self.behaviour
        self._raise_unless_ready(before)
        took_s = before.latency_s * (1.0 + before.jitter * self._random.random())
        await self._sleep(took_s)
        await self._thaw()
        after = self.behaviour
        if after is not before and after.status is Status.BROKEN:
            raise TierFailed(self._status(Status.BROKEN, "connection-lost"))
        return Answer(_spectrum(samples, wrong=before.wrong), model_s=took_s)

    async def memory(self) -> tuple[MemoryReading, ...]:
        """What the script says it holds."""
        held = self.behaviour.memory_bytes
        return () if held is None else (MemoryReading("scripted", held, how="scripted"),)

    async def aclose(self) -> None:
        """Nothing is held."""

    def _at(self) -> int:
        return bisect.bisect_right(self._times_s, self._clock() - self._began_s) - 1

    async def _thaw(self) -> None:
        """Wait while it hangs: until the script goes on, or `act` changes it."""
        while self.behaviour.hangs:
            later = self._script[self._at() + 1 :]
            # A little more, as sums of seconds are not exact.
            wait_s = later[0][0] - (self._clock() - self._began_s) + 1e-6 if later else None
            waiting = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait([waiting], timeout=wait_s)
            finally:
                waiting.cancel()

    def _raise_unless_ready(self, now: Behaviour) -> None:
        if now.status is not Status.READY:
            raise TierFailed(self._status(now.status, now.cause), retry_after_s=now.retry_after_s)

    def _status(self, status: Status, cause: str) -> TierStatus:
        return TierStatus(self.name, status, cause, f"{self.title}: {status.value} ({cause})")


def _spectrum(samples: NDArray[np.float32], *, wrong: bool) -> NDArray[np.float32]:
    import numpy as np

    vector = np.abs(np.fft.rfft(samples[:TRANSFORM], n=TRANSFORM)[:192]).astype(np.float32)
    return vector * np.float32(np.nan) if wrong else vector
