"""The parts of one running service, and the gate that every request passes."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Iterator

from jarvis_bench.ecapa.allocator import TRIM_ABOVE_SAMPLES, trim_heap
from jarvis_bench.service.identity import Identity, read_identity
from jarvis_bench.service.inference_queue import InferenceQueue
from jarvis_bench.service.inference_thread import InferenceThread
from jarvis_bench.service.limits import Limits
from jarvis_bench.service.metrics import Metrics
from jarvis_bench.service.model import Loader, Model, StartupState
from jarvis_bench.service.refusals import refuse

DECODERS = 2
# A body of this size, in base64, holds a clip after which memory is given back; what it was decoded to is in the heap.
LARGE_BODY_BYTES = TRIM_ABOVE_SAMPLES * 2 * 4 // 3
# Until the answer is written and nothing refers to the body any more.
TRIM_AFTER_S = 0.05


class Service:
    """Model, queue, limits, metrics and identity of one process.

    Args:
        load: gets the model.
        limits: how much to take on.
    """

    def __init__(self, load: Loader, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.thread = InferenceThread()
        # Few, because glibc keeps freed memory for each thread.
        self.decoders = concurrent.futures.ThreadPoolExecutor(DECODERS, "decode")
        self.queue = InferenceQueue(self.thread, waiting=self.limits.waiting, patience_s=self.limits.wait_s)
        self.model = Model(load, self.thread)
        self.metrics = Metrics()
        self.draining = False
        self._identity = read_identity()
        self._under_way = 0
        self._has_garbage = False
        self._idle = asyncio.Event()
        self._idle.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the model loaded for as long as this is entered."""
        async with asyncio.TaskGroup() as tasks:
            loading = tasks.create_task(self.model.keep_loaded())
            yield
            loading.cancel()
        self.decoders.shutdown(wait=False, cancel_futures=True)

    @contextlib.contextmanager
    def admitted(self, *, needs_model: bool) -> Iterator[None]:
        """A request under way; refused before its body is read where it cannot be served.

        Raises:
            RequestRefused: `draining`, `model_loading`, `model_not_loaded` or `queue_full`.
        """
        if self.draining:
            raise refuse("draining", "the service is shutting down")
        if needs_model:
            _ = self.model.encoder
        if self._under_way >= self.limits.bodies:
            raise refuse("queue_full", f"{self._under_way} requests are under way", retry_after_s=1)
        self.queue.check_room()
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()
                self._tidy_up()

    def note_body(self, size: int) -> None:
        """A body of so many bytes was read: after a large one memory is given back once there is nothing to do."""
        self._has_garbage |= size >= LARGE_BODY_BYTES

    def _tidy_up(self) -> None:
        if self._has_garbage:
            asyncio.get_running_loop().call_later(TRIM_AFTER_S, self._give_back)

    def _give_back(self) -> None:
        """Not while a request is under way: it would have to wait for that."""
        if self._has_garbage and not self._under_way:
            self._has_garbage = False
            _ = self.thread.submit(trim_heap)

    async def idle(self) -> None:
        """Wait until no request is under way."""
        await self._idle.wait()

    @property
    def ready(self) -> bool:
        """Whether an embedding may be asked for."""
        return self.model.state is StartupState.READY and not self.draining

    def identity(self, request_index: int | None = None) -> Identity:
        """The identity fields as they are now."""
        loaded, first_s = self.model.loaded, self.model.first_inference_s
        return dataclasses.replace(
            self._identity,
            import_ms=loaded.import_s * 1000 if loaded else None,
            model_load_ms=loaded.load_s * 1000 if loaded else None,
            first_inference_ms=None if first_s is None else first_s * 1000,
            request_index=request_index,
        )
