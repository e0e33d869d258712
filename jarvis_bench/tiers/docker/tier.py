"""The Docker tier: our container on an engine. A probe asks and starts nothing; `start` does, when told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from jarvis_bench.errors import MissingExtra, TierFailed
from jarvis_bench.records import Status, TierStatus
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker import memory, running
from jarvis_bench.tiers.docker.addresses import LOCAL_HOST, Address, load_docker_client
from jarvis_bench.tiers.docker.container import COMING_UP, Container, judge, judge_service
from jarvis_bench.tiers.docker.engine import ENGINE_TIMEOUT_S, Engine
from jarvis_bench.tiers.docker.engine_start import NOT_RUNNING, start_engine
from jarvis_bench.tiers.docker.findings import NAME, TITLE, Finding
from jarvis_bench.tiers.http_health import Health
from jarvis_bench.tiers.known_clip import KnownClip, ask_ready
from jarvis_bench.tiers.prepared_body import PreparedBody, encode_body
from jarvis_bench.tiers.service_client import CONNECTIONS, ClientLimits, ServiceClient
from jarvis_bench.tiers.stamps import Send, Stamps
from jarvis_bench.tiers.tier import Answer, MemoryReading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Result = TypeVar("Result")
READY_S = 60.0
POLL_S = 0.05
# Asking the engine costs ten times what asking the service does, on cores that the start could use.
LOOK_S = 0.5


class DockerTier:
    """Our container on a Docker engine.

    Args:
        settings: which engine, container, image and port.
        runtime: of the image, `onnx` or `speechbrain`.
        threads: of the model in a container that `start` makes.
        core: the one core that such a container runs on; None for any.
        known: the clip that proves readiness; None takes noise, for which no vector is known.
        timeout_s: for the engine's part of a probe, and again for the service's, in seconds.
        may_start_engine: whether `start` may start the engine, too.
        connections: of the client to the service, at most so many.
    """

    name = NAME
    title = TITLE
    when_silent = Status.BROKEN

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        runtime: str = "onnx",
        threads: int = 1,
        core: int | None = None,
        known: KnownClip | None = None,
        timeout_s: float = ENGINE_TIMEOUT_S,
        may_start_engine: bool = True,
        connections: int = CONNECTIONS,
    ) -> None:
        self.settings, self.runtime = settings or Settings(), runtime
        self.engine = Engine(self.settings.docker_host, timeout_s=timeout_s)
        self.options = running.RunOptions.of(self.settings, runtime, threads=threads, core=core)
        self.limits = ClientLimits(connections=connections)
        self._known, self._timeout_s = known, timeout_s
        self._may_start_engine = may_start_engine
        self._service: ServiceClient | None = None
        self._is_lost = False
        self._turn = asyncio.Lock()

    async def probe(self) -> TierStatus:
        """Find the engine, then the container, then let the container's service prove itself."""
        try:
            return (await self._find()).as_status()
        except MissingExtra as exc:
            return Finding(Status.MISCONFIGURED, "missing-extra", str(exc)).as_status()
        except TierFailed as exc:
            return exc.status
        except load_docker_client().errors.DockerException as exc:
            return Finding(Status.BROKEN, "engine-error", f"the engine cannot be asked ({exc})").as_status()

    async def start(self) -> None:
        """Make the tier ready: start the engine if that is allowed, make or start the container, wait for the proof.

        Raises:
            TierFailed: it did not become ready; what this call made is removed again.
        """
        async with self._turn:
            status = await self.probe()
            if status.status is Status.READY:
                return
            if status.cause in NOT_RUNNING and self._may_start_engine:
                await start_engine(self.settings, self.engine)
            started = await self._run()
            try:
                await self._wait_ready(started.container)
            except BaseException:
                if started.created:
                    await asyncio.shield(self._remove(started.container))
                raise

    async def stop(self) -> None:
        """Stop and remove our container; the engine and the image stay.

        Raises:
            TierFailed: the engine cannot be asked, or the container of that name is not ours.
        """
        async with self._turn:
            await self._close_service()
            await self._change(lambda client, address: running.end(client, address, self.options.name))

    async def embed(self, samples: NDArray[np.float32]) -> Answer:
        """The embedding of one clip, float32 `[n]`.

        Raises:
            TierFailed: there is no running container, or its service did not give it.
            RequestRefused: the service says that the clip is at fault.
        """
        return await self._ask_service(lambda service: service.embed(samples))

    def prepare(self, samples: NDArray[np.float32]) -> Send:
        """Encode the clip once; each request then differs in one mark, and raises as `embed` does."""
        body = PreparedBody(encode_body(samples), samples)

        async def send(number: int, stamps: Stamps) -> Answer:
            return await self._ask_service(lambda service: service.embed_body(body.marked(number), stamps))

        return send

    async def memory(self) -> tuple[MemoryReading, ...]:
        """What the container holds now, by metric; empty where it does not run or nothing can be read."""
        with contextlib.suppress(TierFailed):
            return await self.engine.ask(self._read_memory)
        return ()

    async def aclose(self) -> None:
        """Close connections; the container goes on."""
        await self._close_service()

    async def _ask_service(self, ask: Callable[[ServiceClient], Awaitable[Answer]]) -> Answer:
        service = self._service
        if service is None or self._is_lost:
            service = await self._connect((await self.running_container()).url)
        try:
            return await ask(service)
        except TierFailed as exc:
            # The next one looks anew where the container is, and says if it is gone. A connection that broke off is
            # no reason: an engine that is ending a container may not answer before that, and a new connection does.
            self._is_lost |= exc.status.cause == "unreachable"
            raise

    async def container(self) -> Container | None:
        """The container as the engine describes it now; None where there is none.

        Raises:
            TierFailed: the engine cannot be asked.
        """
        return await self.engine.ask(
            lambda client, address: running.inspect(client, self.options.name, address)
        )

    async def running_container(self) -> Container:
        """The container, where its service can be asked.

        Raises:
            TierFailed: the engine cannot be asked, or the container does not run.
        """
        found = await self.engine.ask(self._look)
        if isinstance(found, Finding):
            raise found.as_error()
        return found[0]

    def _look(self, client: Any, address: Address) -> tuple[Container, str] | Finding:
        """The container and where its ports are published, or why there is none to ask."""
        container = running.inspect(client, self.options.name, address)
        if container is not None:
            return judge(container, address.host) or (container, address.host)
        try:
            client.inspect_image(self.options.image)
        except load_docker_client().errors.NotFound:
            return running.no_image(self.options.image)
        detail = f"Daemon running, no container {self.options.name!r}"
        return Finding(Status.STOPPED, "no-container", detail)

    def _read_memory(self, client: Any, address: Address) -> tuple[MemoryReading, ...]:
        container = running.inspect(client, self.options.name, address)
        if container is None or judge(container, address.host) is not None:
            return ()
        readings = memory.read_stats(client.stats(container.id, stream=False, one_shot=True))
        if any(reading.metric == "cgroup-peak" for reading in readings) or address.host != LOCAL_HOST:
            return readings
        # An engine inside a virtual machine has process ids of its own: the cgroup has to name the container.
        peak = memory.read_peak(container.pid, container_id=container.id)
        return readings if peak is None else (*readings, MemoryReading("cgroup-peak", peak))

    async def _find(self) -> Finding:
        found = await self.engine.ask(self._look)
        if isinstance(found, Finding):
            return found
        container, host = found
        kept = self._service is not None
        # Who only probes has nothing to close; and a request that comes meanwhile does not lose its connection.
        service = await self._connect(container.url) if kept else self._open(container.url)
        try:
            health = await ask_ready(service, self._known, timeout_s=self._timeout_s)
        finally:
            if not kept:
                await service.aclose()
        return judge_service(container, host, health)

    async def _run(self) -> running.Started:
        return await self._change(
            lambda client, address: running.run(client, address, self.options), undo=self._undo
        )

    async def _undo(self, started: running.Started) -> None:
        if started.created:
            await self._remove(started.container)

    async def _remove(self, container: Container) -> None:
        await self._close_service()
        with contextlib.suppress(TierFailed):
            await self._change(lambda client, address: running.end(client, address, container.id, grace_s=0))

    async def _change(
        self,
        work: Callable[[Any, Address], Result],
        undo: Callable[[Result], Awaitable[None]] | None = None,
    ) -> Result:
        try:
            return await self.engine.change(work, undo=undo)
        except load_docker_client().errors.APIError as exc:
            raise running.as_failed(exc) from exc

    async def _wait_ready(self, container: Container) -> None:
        """Ask until the service has proved itself, or its container is no more.

        Raises:
            TierFailed: it ended, answers wrongly, or took too long.
        """
        # Connections of an earlier container at the same address are of no use.
        await self._close_service()
        look_s = time.monotonic()
        limit_s = look_s + READY_S
        while time.monotonic() < limit_s:
            health = await self._ask_new(container)
            if health.status is Status.READY:
                return
            if health.cause not in COMING_UP and health.status in {Status.BROKEN, Status.MISCONFIGURED}:
                detail = f"the container's service {health.detail}"
                raise Finding(health.status, health.cause, detail).as_error()
            if not container.url or time.monotonic() >= look_s:
                now = await self.container()
                if now is None or not now.running:
                    raise await self._ended(now)
                container, look_s = now, time.monotonic() + LOOK_S
            await asyncio.sleep(POLL_S)
        detail = f"the container's service did not become ready within {READY_S:g} s"
        raise Finding(Status.STARTING, "not-ready", detail).as_error()

    async def _ask_new(self, container: Container) -> Health:
        if not container.url:
            return Health(Status.STARTING, "not-ready", "has no port yet")
        return await ask_ready(await self._connect(container.url), self._known, timeout_s=self._timeout_s)

    async def _ended(self, container: Container | None) -> TierFailed:
        if container is None:
            return Finding(Status.STOPPED, "no-container", "the container was removed").as_error()
        if container.state == "created":
            return Finding(Status.STOPPED, "container-stopped", "the container was not started").as_error()
        finding = judge(container) or Finding(Status.STOPPED, "container-stopped", "the container ended")
        words = await self.engine.ask(lambda client, _: running.last_words(client, container.id))
        return Finding(finding.status, finding.cause, f"{finding.detail}: {words or 'no output'}").as_error()

    async def _connect(self, url: str) -> ServiceClient:
        """The connections to that service; kept from one question to the next, closed where it is elsewhere now."""
        self._is_lost = False
        if self._service is not None and self._service.url != url:
            await self._close_service()
        if self._service is None:
            self._service = self._open(url)
        return self._service

    def _open(self, url: str) -> ServiceClient:
        return ServiceClient(url, tier=self.name, title=self.title, limits=self.limits)

    async def _close_service(self) -> None:
        service, self._service = self._service, None
        if service is not None:
            await service.aclose()
