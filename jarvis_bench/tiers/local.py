"""The local tier: a model in a process of its own on this machine."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from jarvis_bench.ecapa.clips import SAMPLE_RATE_HZ
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.ecapa.worker_client import ModelProcess
from jarvis_bench.errors import JarvisBenchError, RequestRefused, TierFailed, WorkerDied, unknown_name
from jarvis_bench.process_memory import read_memory
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.service.limits import Limits
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.tier import Answer, MemoryReading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What each runtime imports, and the extra that installs it.
NEEDED_PACKAGES = {
    "speechbrain": (("speechbrain", "torch"), "local"),
    "onnx": (("onnxruntime", "numpy"), "serve"),
    "openvino": (("openvino", "numpy"), "openvino"),
}
# The same bounds as the service's, so that a clip is refused by all tiers or by none.
LIMITS = Limits()
CGROUP_LIMITS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)


def available_ram_bytes() -> int:
    """RAM that a new process could use, in bytes: the host's, or less where a cgroup says so.

    The page cache of files that nobody works on counts as free, as the kernel takes it back first.
    """
    available = int(psutil.virtual_memory().available)
    for limit, usage in CGROUP_LIMITS:
        if limit.is_file() and (text := limit.read_text().strip()).isdigit():
            used = int(usage.read_text()) - _reclaimable_bytes(usage.with_name("memory.stat"))
            available = min(available, max(0, int(text) - used))
    return available


def _reclaimable_bytes(stat: Path) -> int:
    """`inactive_file` of a cgroup, with that of the cgroups below it (cgroup v1 names it `total_…`)."""
    if not stat.is_file():
        return 0
    fields = dict(line.split() for line in stat.read_text().splitlines())
    return int(fields.get("total_inactive_file", fields.get("inactive_file", 0)))


class LocalTier:
    """This machine. The model process is started by `start` or by the first clip, and ended by `stop`.

    Args:
        settings: which runtime and weights, and the free RAM below which the tier is not offered.
        available_ram: how much RAM is free, in bytes; a parameter so that a world can set it.
        runtime: instead of the settings' one.
        threads: of the model.
        core: the one core the model runs on; None for any.
    """

    name = "local"
    title = "Local"
    when_silent = Status.BROKEN

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        available_ram: Callable[[], int] = available_ram_bytes,
        runtime: str | None = None,
        threads: int = 1,
        core: int | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.runtime = runtime or self.settings.runtime
        if self.runtime not in NEEDED_PACKAGES:
            raise unknown_name("runtime", self.runtime, NEEDED_PACKAGES)
        self._available_ram = available_ram
        self._threads, self._core = threads, core
        self._process: ModelProcess | None = None
        self._turn = asyncio.Lock()

    async def probe(self) -> TierStatus:
        """Look for the packages and for enough free RAM; nothing is imported or loaded.

        A model process that is up is ready whatever is free: it has what it needs.
        """
        packages, extra = NEEDED_PACKAGES[self.runtime]
        missing = [package for package in packages if importlib.util.find_spec(package) is None]
        if missing:
            reason = f"{', '.join(missing)} not installed (pip install 'jarvis-bench[{extra}]')"
            return self._status(Status.NOT_INSTALLED, "missing-extra", reason)
        free, floor = self._available_ram(), self.settings.local_ram_floor_bytes
        if free < floor and self._process is None:
            reason = f"{free / 1e9:.1f} GB RAM free, {floor / 1e9:.1f} GB needed"
            return self._status(Status.BUSY, "low-ram", reason)
        return self._status(Status.READY, "ok", f"Ready ({free / 1e9:.1f} GB RAM free)")

    async def start(self) -> None:
        """Start the model process and load the model; the first time on a machine makes weights and graph, too.

        Raises:
            TierFailed: not installed, too little RAM, or the model could not be loaded.
        """
        async with self._turn:
            if self._process is None:
                self._process = await self._load()

    async def stop(self) -> None:
        """End the model process."""
        async with self._turn:
            process, self._process = self._process, None
            if process is not None:
                await process.__aexit__()

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip, float32 `[n]`; starts the model process where it is not up.

        Raises:
            TierFailed: the model could not be started, or ended.
            RequestRefused: no clip that any tier would take.
        """
        _check(samples)
        await self.start()
        process = self._process
        if process is None:
            raise TierFailed(self._status(Status.STOPPED, "stopped", "the model process was stopped"))
        try:
            embedding = await process.embed(samples)
        except WorkerDied as exc:
            await self.stop()
            raise TierFailed(self._status(Status.BROKEN, "worker-died", str(exc))) from exc
        except JarvisBenchError as exc:
            raise TierFailed(self._status(Status.BROKEN, "model-error", str(exc))) from exc
        return Answer(
            embedding.vector,
            model_s=embedding.model_s,
            instance_id=embedding.instance_id,
            request_index=embedding.request_index,
        )

    async def memory(self) -> tuple[MemoryReading, ...]:
        """PSS, RSS and VmHWM of the model process; nothing where it is not up."""
        if self._process is None:
            return ()
        try:
            figures = await asyncio.to_thread(read_memory, self._process.pid)
        except JarvisBenchError:
            return ()
        return tuple(MemoryReading(metric, value) for metric, value in figures.items())

    async def aclose(self) -> None:
        """End the model process, which is this object's own."""
        await self.stop()

    async def _load(self) -> ModelProcess:
        status = await self.probe()
        if status.status is not Status.READY:
            raise TierFailed(status)
        try:
            weights = await find_weights(self.settings)
            process = ModelProcess(weights, runtime=self.runtime, threads=self._threads, core=self._core)
            await process.__aenter__()
        except JarvisBenchError as exc:
            raise TierFailed(self._status(Status.BROKEN, "no-model", str(exc))) from exc
        try:
            await process.load()
        except JarvisBenchError as exc:
            await process.__aexit__()
            raise TierFailed(self._status(Status.BROKEN, "no-model", str(exc))) from exc
        except BaseException:
            await process.__aexit__()
            raise
        return process

    def _status(self, status: Status, cause: str, detail: str) -> TierStatus:
        return TierStatus(self.name, status, cause, f"{self.title}: {detail}")


def _check(samples: NDArray[np.float32]) -> None:
    import numpy as np

    seconds = len(samples) / SAMPLE_RATE_HZ
    if seconds > LIMITS.clip_max_s:
        raise RequestRefused(
            "clip_too_long", f"audio_data: {seconds:.1f} s, longer than {LIMITS.clip_max_s:g} s"
        )
    if seconds < LIMITS.clip_min_s:
        raise RequestRefused(
            "clip_too_short", f"audio_data: {seconds:.3f} s, shorter than {LIMITS.clip_min_s:g} s"
        )
    if not np.isfinite(samples).all():
        raise RequestRefused("not_finite", "audio_data: a sample is NaN or infinite")
