"""A process of our service as a tier, and what can happen to it: killed, frozen, slowed, restarted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from jarvis_bench.child_process import child_process
from jarvis_bench.errors import NothingMeasured, TierFailed
from jarvis_bench.process_memory import read_memory
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.tiers.http_health import read_health
from jarvis_bench.tiers.service_client import ServiceClient
from jarvis_bench.tiers.tier import Answer, MemoryReading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POLL_S, READY_WITHIN_S = 0.05, 60.0
CHUNK = 65_536


class FaultyService:
    """What the Docker tier runs, without the container: `python -m jarvis_bench serve`.

    Args:
        runtime: what computes the embeddings.
        name: of the tier.
        threads: of the model.
    """

    title = "Service"
    when_silent = Status.BROKEN

    def __init__(self, runtime: str = "onnx", *, name: str = "service", threads: int = 1) -> None:
        self.name, self.runtime, self._threads = name, runtime, threads
        self._stack = contextlib.AsyncExitStack()
        self._process: asyncio.subprocess.Process | None = None
        self._proxy: SlowProxy | None = None
        self._client: ServiceClient | None = None
        self._port = 0

    async def __aenter__(self) -> FaultyService:
        await self.start()
        self._proxy = await SlowProxy(self._port).__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
        if self._proxy is not None:
            await self._proxy.__aexit__()
        with contextlib.suppress(ProcessLookupError):
            if self._process is not None:
                self._process.send_signal(signal.SIGCONT)
        await self._stack.aclose()

    async def start(self) -> None:
        """Start the process anew where it does not run, on the port that it had, and wait until it is ready.

        Raises:
            TierFailed: it did not come up.
        """
        if self._process is not None and self._process.returncode is None:
            return
        await self._stack.aclose()
        arguments = ["serve", "--json", "--with-parent", "--threads", str(self._threads)]
        arguments += ["--runtime", self.runtime, "--port", str(self._port)]
        self._process = await self._stack.enter_async_context(child_process("jarvis_bench", arguments))
        line = b"" if self._process.stdout is None else await self._process.stdout.readline()
        if not line:
            raise TierFailed(
                self._status(Status.BROKEN, "no-start", "the service's process ended at its start")
            )
        self._port = int(json.loads(line)["url"].rpartition(":")[2])
        if self._client is None:
            await self.connect(through_proxy=False)
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while (await self.probe()).status is not Status.READY:  # noqa: ASYNC110  another process
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            reason = f"not ready within {READY_WITHIN_S:g} s"
            raise TierFailed(self._status(Status.BROKEN, "no-start", reason)) from None

    async def connect(self, *, through_proxy: bool) -> None:
        """Reach it through the proxy or without; for a tier that nobody uses at the moment."""
        await self.aclose()
        port = self._proxy.port if through_proxy and self._proxy is not None else self._port
        self._client = ServiceClient(f"http://127.0.0.1:{port}", tier=self.name, title=self.title)

    async def stop(self) -> None:
        """End the process; requests that it has accepted are answered first."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()

    async def kill(self) -> None:
        """What the kernel does to a container that is out of memory, and `docker kill` to any."""
        self._signal(signal.SIGKILL)

    async def freeze(self) -> None:
        """It accepts connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    async def thaw(self) -> None:
        """It goes on where it stopped."""
        self._signal(signal.SIGCONT)

    async def slow_down(self, seconds: float) -> None:
        """Every answer is late by so much; it has to be reached through the proxy."""
        if self._proxy is not None:
            self._proxy.delay_s = seconds

    async def restart(self) -> None:
        """Stopped as it should be, and started again at once."""
        await self.stop()
        await self.start()

    async def probe(self) -> TierStatus:
        """Ask /health once."""
        try:
            answer = await self._service().request("GET", "/health")
        except TierFailed as failed:
            return failed.status
        health = read_health(answer.status_code, answer.text)
        return self._status(health.status, health.cause, health.detail)

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip, float32 `[n]`; raises as every tier does."""
        return await self._service().embed(samples)

    async def memory(self) -> tuple[MemoryReading, ...]:
        """PSS, RSS and VmHWM of the process; nothing where it does not run."""
        if self._process is None:
            return ()
        try:
            figures = await asyncio.to_thread(read_memory, self._process.pid)
        except NothingMeasured:
            return ()
        return tuple(MemoryReading(metric, size) for metric, size in figures.items())

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _service(self) -> ServiceClient:
        if self._client is None:
            raise TierFailed(self._status(Status.STOPPED, "not-started", "not started"))
        return self._client

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)

    def _status(self, status: Status, cause: str, detail: str) -> TierStatus:
        return TierStatus(self.name, status, cause, f"{self.title}: {detail}")


class SlowProxy:
    """Passes connections on to a port of this host, and every first byte of an answer late.

    Args:
        upstream: the port.
    """

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self.delay_s = 0.0

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._server is None:
            raise NothingMeasured("the proxy does not run")
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> SlowProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._pipes.add(task)
            task.add_done_callback(self._pipes.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            async with _connection(self._upstream) as (there, back):
                with contextlib.suppress(BaseExceptionGroup):
                    async with asyncio.TaskGroup() as pipes:
                        pipes.create_task(self._pass(reader, back, late=False))
                        pipes.create_task(self._pass(there, writer, late=True))
        writer.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, late: bool) -> None:
        while content := await source.read(CHUNK):
            if late and self.delay_s:
                await asyncio.sleep(self.delay_s)
            sink.write(content)
            await sink.drain()
        raise ConnectionError("one side has closed")


@contextlib.asynccontextmanager
async def _connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
