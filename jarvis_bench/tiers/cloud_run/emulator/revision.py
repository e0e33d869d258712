"""Which instance gets a request: concurrency, scaling, the queue, and what happens when there is no place."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
from collections.abc import AsyncIterator, Callable
from functools import partial

from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.tiers.cloud_run.emulator.events import Event, Kind, Tell
from jarvis_bench.tiers.cloud_run.emulator.instance import Instance, StartFailed
from jarvis_bench.tiers.cloud_run.emulator.life import Life, State
from jarvis_bench.tiers.cloud_run.emulator.meter import Bill, Meter
from jarvis_bench.tiers.cloud_run.emulator.settings import EmulatorSettings
from jarvis_bench.tiers.cloud_run.emulator.waiting_line import WaitingLine

RETRY_MAX_S = 60.0
LOST_S = 2.0


class QueueFull(JarvisBenchError):
    """No place came free in time, and no further instance may be started."""


class NoInstance(JarvisBenchError):
    """An instance was needed and could not be started."""


class Revision:
    """All instances of the one revision. Time is the running loop's; enter it, then `lease` places.

    A new instance is started when requests wait for which neither a place nor an instance that is starting is there.
    (Google's autoscaler also starts some ahead, at 60 % of CPU or concurrency over a minute; this one does not.)

    Args:
        settings: of the service.
        make: makes an instance, not yet started, from its name.
        tell: told every event.
    """

    def __init__(
        self, settings: EmulatorSettings, make: Callable[[str], Instance], tell: Tell = lambda event: None
    ) -> None:
        self.settings = settings
        self.starts_s: list[float] = []
        self.thaws_s: list[float] = []
        self._make, self._tell = make, tell
        self._meter = Meter(min_instances=settings.min_instances, cpu_always=settings.cpu_always)
        self._lives: dict[str, Life] = {}
        self._tasks = asyncio.TaskGroup()
        self._line: WaitingLine[Life] = WaitingLine(self._refuse_late, self._release)
        self._made = self._failures = 0
        self._retry_at_s = 0.0
        self._began_s = 0.0
        self._retry: asyncio.TimerHandle | None = None
        self._closed = False

    async def __aenter__(self) -> Revision:
        self._began_s = self._now()
        await self._tasks.__aenter__()
        self._scale()
        return self

    async def __aexit__(self, *_: object) -> None:
        """SIGTERM to all at once, 10 s, SIGKILL; returns when none is left."""
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
        for life in self._lives.values():
            life.end.set()
        # The block's own error is not the instances': they end in their own time, or when this is cancelled.
        await self._tasks.__aexit__(None, None, None)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Those that were started and have not ended."""
        return tuple(life.instance for life in self._lives.values())

    @property
    def patience_s(self) -> float:
        """How long a request may wait for a place, in seconds."""
        mean_s = statistics.fmean(self.starts_s) if self.starts_s else 0.0
        return max(self.settings.queue_factor * mean_s, self.settings.queue_floor_s)

    def bill(self) -> Bill:
        """What the meter shows now."""
        return self._meter.read(self._now())

    @contextlib.asynccontextmanager
    async def lease(self) -> AsyncIterator[Instance]:
        """A place on an instance that has its CPU, for one request.

        Raises:
            QueueFull: none came free in time.
            NoInstance: none could be started.
        """
        life = self._free() or await self._wait()
        try:
            await life.give_cpu()
            self._meter.request()
            yield life.instance
        finally:
            self._release(life)
            if not self._closed:
                # Not awaited: the answer does not wait for it.
                self._tasks.create_task(life.take_cpu())

    def lost(self, instance: Instance) -> None:
        """It does not accept connections any more: it gets no further request.

        Most likely it is ending by itself, and is about to say why; else it is ended.
        """
        if (life := self._lives.get(instance.name)) is not None:
            life.state = State.ENDING
            asyncio.get_running_loop().call_later(LOST_S, life.end.set)

    def _free(self) -> Life | None:
        """The fullest instance that has a place, taken; so that the others may become idle."""
        room = [life for life in self._lives.values() if self._has_place(life)]
        if self._line or not room:
            return None
        return self._take(max(room, key=lambda life: life.active))

    def _has_place(self, life: Life) -> bool:
        return life.state is State.READY and life.active < self.settings.concurrency and life.staying

    def _take(self, life: Life) -> Life:
        life.active += 1
        if life.idle_timer is not None:
            life.idle_timer.cancel()
            life.idle_timer = None
        self._meter.busy(life.instance.name, self._now())
        return life

    def _release(self, life: Life) -> None:
        life.active -= 1
        if life.state is State.READY:
            self._dispatch()
            self._rest(life)

    def _rest(self, life: Life) -> None:
        """An instance without requests waits for the next, and not for ever."""
        if life.active or not life.staying:
            return
        self._meter.idle(life.instance.name, self._now())
        loop = asyncio.get_running_loop()
        life.idle_timer = loop.call_later(self.settings.idle_s, self._end_idle, life)

    def _end_idle(self, life: Life) -> None:
        staying = sum(other.staying for other in self._lives.values())
        if not life.active and staying > self.settings.min_instances:
            life.end.set()

    async def _wait(self) -> Life:
        with self._line.joined() as waiter:
            self._scale()
            return await self._line.served(waiter, self.patience_s)

    def _refuse_late(self) -> None:
        """Over the maximum, patience ends; who waits for an instance that is starting anyway, waits on."""

        def refused() -> QueueFull:
            self._note("", Kind.REFUSED, "no place came free in time")
            return QueueFull("no place came free in time")

        self._line.refuse(self._coming(), refused)

    def _coming(self) -> int:
        """Places on instances that are starting."""
        starting = sum(life.state is State.STARTING for life in self._lives.values())
        return starting * self.settings.concurrency

    def _dispatch(self) -> None:
        for life in self._lives.values():
            while self._line and self._has_place(life):
                self._line.hand_out(partial(self._take, life))
        self._refuse_late()

    def _scale(self) -> None:
        """Start what is needed and allowed.

        Raises:
            NoInstance: it is too soon after a start that failed.
        """
        if self._closed:
            raise NoInstance("the service is shutting down")
        staying = sum(life.staying for life in self._lives.values())
        wanted = max(self.settings.min_instances - staying, 0)
        lacking = len(self._line) - self._coming()
        wanted = max(wanted, -(-lacking // self.settings.concurrency))
        if wanted > 0 and self._now() < self._retry_at_s:
            if staying:
                return
            raise NoInstance(f"an instance failed to start; the next try is due in {self._retry_in_s:.1f} s")
        for _ in range(min(wanted, self.settings.max_instances - len(self._lives))):
            self._launch()

    @property
    def _retry_in_s(self) -> float:
        return self._retry_at_s - self._now()

    def _launch(self) -> None:
        self._made += 1
        name = f"instance-{self._made}"
        life = Life(self._make(name), self.settings, lambda kind, detail: self._note(name, kind, detail))
        self._lives[name] = life
        self._tasks.create_task(self._live(name, life))

    async def _live(self, name: str, life: Life) -> None:
        began_s = self._now()
        self._meter.started(name, began_s)
        self._note(name, Kind.STARTING, "")
        try:
            await self._start(life)
            self.starts_s.append(self._now() - began_s)
            life.state, self._failures = State.READY, 0
            self._note(name, Kind.READY, f"after {self.starts_s[-1]:.3f} s")
            self._dispatch()
            self._rest(life)
            await life.take_cpu()
            await life.run()
        except StartFailed as exc:
            self._fail(name, str(exc))
        finally:
            await self._bury(name, life)

    async def _start(self, life: Life) -> None:
        """Start, unless the emulator is told to end meanwhile."""
        starting, ending = asyncio.ensure_future(life.start()), asyncio.ensure_future(life.end.wait())
        try:
            await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                raise StartFailed("the emulator is ending")
            await starting
        finally:
            for task in (starting, ending):
                task.cancel()
            await asyncio.gather(starting, ending, return_exceptions=True)

    def _fail(self, name: str, why: str) -> None:
        """Those that waited for this instance get an error; a next start waits longer each time."""
        self._note(name, Kind.FAILED, why)
        self._failures += 1
        pause_s = min(self.settings.retry_s * 2 ** (self._failures - 1), RETRY_MAX_S)
        self._retry_at_s = self._now() + pause_s
        self._retry = asyncio.get_running_loop().call_later(pause_s, self._rescale)
        self._line.fail(self.settings.concurrency, lambda: NoInstance(f"the instance could not start: {why}"))

    async def _bury(self, name: str, life: Life) -> None:
        life.state = State.ENDING
        life.end.set()
        if life.idle_timer is not None:
            life.idle_timer.cancel()
        self._meter.busy(name, self._now())
        await life.stop()
        del self._lives[name]
        self.thaws_s += life.thaws_s
        self._meter.ended(name, self._now())
        self._note(name, Kind.ENDED, "")
        self._rescale()

    def _rescale(self) -> None:
        """Start again what ended or failed and is still needed."""
        with contextlib.suppress(NoInstance):
            self._scale()
        self._refuse_late()

    def _note(self, instance: str, kind: Kind, detail: str) -> None:
        self._tell(Event(self._now() - self._began_s, kind, instance, detail))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
