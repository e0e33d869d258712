"""What the instances of an emulator are: containers where an engine and our image are there, else processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

from jarvis_bench.child_process import child_process
from jarvis_bench.ecapa.encoder import RUNTIMES
from jarvis_bench.ecapa.exported import model_path
from jarvis_bench.ecapa.weights import find_weights
from jarvis_bench.errors import JarvisBenchError, UsageError, unknown_name
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.cloud_run.emulator import left_containers
from jarvis_bench.tiers.cloud_run.emulator.container_instance import ContainerInstance, Host
from jarvis_bench.tiers.cloud_run.emulator.instance import Instance
from jarvis_bench.tiers.cloud_run.emulator.process_instance import ProcessInstance
from jarvis_bench.tiers.cloud_run.emulator.settings import EmulatorSettings
from jarvis_bench.tiers.docker.addresses import LOCAL_HOST
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.image import find_image, image_name

FOUND = "an engine and our image are there"
ASKED = "asked for"


@dataclass(frozen=True, slots=True)
class Housing:
    """`kind` is `container` or `process`, `why` says why in words, and `make` makes an instance from its name."""

    kind: str
    why: str
    make: Callable[[str], Instance]


@contextlib.asynccontextmanager
async def housing(emulated: EmulatorSettings, settings: Settings) -> AsyncIterator[Housing]:
    """Where the instances live until the end of the block; no container is left afterwards, even of a killed emulator.

    Raises:
        UsageError: no such runtime, or containers were asked for and cannot be had; the text says why.
        NothingMeasured: there are no weights.
    """
    if emulated.runtime not in RUNTIMES:
        raise unknown_name("runtime", emulated.runtime, RUNTIMES)
    missing = "" if emulated.instances == "process" else await _missing(emulated, settings)
    if missing and emulated.instances == "container":
        raise UsageError(f"no containers for instances: {missing} (use --instances process)")
    if emulated.instances == "process" or missing:
        # An image brings its model along; making it is no part of a cold start.
        await model_path(await find_weights(settings), emulated.runtime)
        make = partial(ProcessInstance, emulated=emulated, settings=settings)
        yield Housing("process", missing or ASKED, make)
        return
    mark = f"{os.getpid()}-{secrets.token_hex(4)}"
    host = Host(settings.docker_host, image_name(settings, emulated.runtime), mark)
    async with _kept_clear(host):
        why = ASKED if emulated.instances == "container" else FOUND
        yield Housing("container", why, partial(ContainerInstance, emulated=emulated, host=host))


async def _missing(emulated: EmulatorSettings, settings: Settings) -> str:
    """Why containers cannot be had; empty where they can."""
    engine = Engine(settings.docker_host)
    try:
        where = await engine.ask(lambda _, address: address.host)
        image = await find_image(settings, engine, runtime=emulated.runtime)
    except JarvisBenchError as exc:
        return str(exc)
    if where != LOCAL_HOST:
        return f"the engine is on another machine ({where})"
    cure = f"jarvis-bench docker build --runtime {emulated.runtime}"
    if image is None:
        return f"there is no image {image_name(settings, emulated.runtime)} (build it: {cure})"
    if image.weights_sha256 != (await find_weights(settings)).sha256:
        return f"the image {image.name} has other weights (build it: {cure})"
    return ""


@contextlib.asynccontextmanager
async def _kept_clear(host: Host) -> AsyncIterator[None]:
    arguments = [host.mark, host.docker_host]
    async with child_process(
        left_containers.__name__, arguments, stderr=asyncio.subprocess.DEVNULL
    ) as process:
        yield
        # Not where the block failed: then something may be left.
        if process.stdin is not None:
            process.stdin.write(b"nothing is left\n")
