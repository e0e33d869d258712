"""The tiers that a notebook measures, up for as long as it runs: our container, and the emulator of Cloud Run.

The container has a name of its own, so that one of the user's is neither measured nor touched. The engine is
never started for it. Whoever names a Cloud Run service gets that one measured, and no emulator.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import AsyncIterator, Callable

from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cores import Cores, share_cores
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.image import build_image
from jarvis_bench.tiers.known_clip import compute_known_vector, find_known_clip
from jarvis_bench.tiers.temporary import emulator_process

Tell = Callable[[str], None]


@contextlib.asynccontextmanager
async def tiers_up(
    settings: Settings, tell: Tell, *, cores: Cores | None = None, threads: int = 1
) -> AsyncIterator[Settings]:
    """Settings under which Docker and Cloud Run can be asked, as far as this machine has them.

    Args:
        settings: which engine, image and service.
        tell: told in words what was started, and why something was not.
        cores: where they run; default one core for all of them, away from the client. That is right where one of them
            is measured at a time, and wrong where they answer side by side.
        threads: of the model in each of them.
    """
    cores = cores or share_cores()
    async with contextlib.AsyncExitStack() as stack:
        for make in (_container, _emulator):
            try:
                settings = await stack.enter_async_context(make(settings, cores, threads, tell))
            except JarvisBenchError as exc:
                tell(f"not measured: {exc}")
        yield settings


@contextlib.asynccontextmanager
async def _container(settings: Settings, cores: Cores, threads: int, tell: Tell) -> AsyncIterator[Settings]:
    own = dataclasses.replace(
        settings, container_name=f"{settings.container_name}-run-{os.getpid()}", docker_port=0
    )
    tier = DockerTier(
        own, threads=threads, known=find_known_clip(own), core=cores.tier, may_start_engine=False
    )
    try:
        await tier.engine.ask(lambda client, _: client.ping())
        tell("Docker: the image is built where it is not of today (a minute the first time)")
        await build_image(own, tier.engine)
        await compute_known_vector(own)
        await tier.start()
        tell(f"Docker: container {own.container_name} started")
        yield own
    finally:
        with contextlib.suppress(JarvisBenchError):
            await tier.stop()
        await tier.aclose()


@contextlib.asynccontextmanager
async def _emulator(settings: Settings, cores: Cores, threads: int, tell: Tell) -> AsyncIterator[Settings]:
    if settings.cloud_run_url:
        yield settings
        return
    async with emulator_process(settings, "--vcpu", str(threads), core=cores.tier) as url:
        tell(f"Cloud Run: emulated on {url}, with processes as instances")
        yield dataclasses.replace(settings, cloud_run_url=url, cloud_run_auth="none")
