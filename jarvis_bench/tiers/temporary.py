"""Tiers that are there for one measurement: a container of its own name, and the emulator of Cloud Run.

What they start is gone with the block. The engine is never started for it, and whoever names a Cloud Run service
gets that one, and no emulator.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
from collections.abc import AsyncIterator, Callable

from jarvis_bench.child_process import child_process
from jarvis_bench.errors import JarvisBenchError, NothingMeasured
from jarvis_bench.settings import Settings, as_environment
from jarvis_bench.tiers.cloud_run.tier import CloudRunTier
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.image import build_image
from jarvis_bench.tiers.known_clip import compute_known_vector, find_known_clip

# Runtimes that we have an image for.
IMAGE_RUNTIMES = ("onnx", "speechbrain")
EMULATE = ("cloud-run", "emulate", "--json", "--with-parent", "--port", "0", "--instances", "process")
START_S, STOP_S = 60.0, 15.0
Tell = Callable[[str], None]


@contextlib.asynccontextmanager
async def temporary_container(
    settings: Settings, runtime: str, *, core: int | None, tell: Tell
) -> AsyncIterator[DockerTier]:
    """The Docker tier with a container of its own name, not started yet; the image is built where it is not of today.

    Args:
        settings: which engine, base image and weights.
        runtime: of the image, a name in `IMAGE_RUNTIMES`.
        core: the one core that the container runs on; None for any.
        tell: told in words what takes long.

    Raises:
        TierFailed: no engine runs, or the image cannot be built.
    """
    own = dataclasses.replace(
        settings, container_name=f"{settings.container_name}-measured-{os.getpid()}", docker_port=0
    )
    tier = DockerTier(own, runtime=runtime, core=core, known=find_known_clip(own), may_start_engine=False)
    try:
        await tier.engine.ask(lambda client, _: client.ping())
        tell(f"docker: the {runtime} image is built where it is not of today")
        image = await build_image(own, tier.engine, runtime=runtime)
        tell(f"docker: image {image.name}, {image.bytes / 1e6:.0f} MB (measured)")
        await compute_known_vector(own)
        yield tier
    finally:
        with contextlib.suppress(JarvisBenchError):
            await tier.stop()
        await tier.aclose()


@contextlib.asynccontextmanager
async def temporary_cloud_run(
    settings: Settings, runtime: str, *, idle_s: float = 900.0, tell: Tell
) -> AsyncIterator[CloudRunTier]:
    """The Cloud Run tier: the settings' service, or else an emulator whose first instance is not started yet.

    Args:
        settings: name the service.
        runtime: what the emulator's instances compute with.
        idle_s: after so many idle seconds the emulator ends an instance.
        tell: told in words what is asked.

    Raises:
        NothingMeasured: the emulator did not start.
    """
    async with contextlib.AsyncExitStack() as stack:
        if not settings.cloud_run_url:
            options = ("--runtime", runtime, "--idle-s", str(idle_s), "--max-instances", "1")
            url = await stack.enter_async_context(emulator_process(settings, *options))
            settings = dataclasses.replace(settings, cloud_run_url=url, cloud_run_auth="none")
            tell(f"Cloud Run: emulated on {url}")
        tier = CloudRunTier(settings.cloud_run_url, settings=settings, start_s=START_S)
        stack.push_async_callback(tier.aclose)
        yield tier


@contextlib.asynccontextmanager
async def emulator_process(settings: Settings, *options: str, core: int | None = None) -> AsyncIterator[str]:
    """The URL of an emulator of Cloud Run in a process of its own, for as long as the block.

    Its instances are processes, also where an engine is: figures then mean the same on every machine. A process starts
    where the page cache is warm and is held to the emulator's core; what an engine adds to a start, or to a freeze, is
    not Google's.

    Args:
        settings: weights and cache.
        options: of `jarvis-bench cloud-run emulate`.
        core: the one core that it and its instances run on; None for any.

    Raises:
        NothingMeasured: the emulator did not start.
    """
    async with child_process(
        "jarvis_bench",
        (*EMULATE, *options),
        env=dict(os.environ) | as_environment(settings),
        stderr=asyncio.subprocess.DEVNULL,
    ) as process:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        try:
            yield await _announced_url(process)
        finally:
            # Let it end its instances in order; what is left then is killed with its group.
            with contextlib.suppress(TimeoutError, ProcessLookupError):
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(STOP_S):
                    await process.wait()


async def _announced_url(process: asyncio.subprocess.Process) -> str:
    with contextlib.suppress(TimeoutError, ValueError, KeyError):
        async with asyncio.timeout(START_S):
            line = b"" if process.stdout is None else await process.stdout.readline()
            return str(json.loads(line)["url"])
    raise NothingMeasured("the emulator of Cloud Run did not start")
