"""The RAM of the Docker tier's container over its life, on the engine of this machine where one runs."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.errors import JarvisBenchError
from jarvis_bench.process_memory import read_memory
from jarvis_bench.records import MemoryRow
from jarvis_bench.settings import Settings
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.image import Image, build_image
from jarvis_bench.tiers.known_clip import compute_known_vector, find_known_clip


@dataclass(frozen=True, slots=True)
class ContainerMemory:
    """`rows`: readings at the end of each phase; empty where there is no engine, and `note` says why."""

    rows: tuple[MemoryRow, ...]
    note: str


async def measure_container(
    clip_seconds: Sequence[float],
    *,
    settings: Settings,
    runtime: str = "onnx",
    repeats: int = 1,
    progress: Callable[[str], None] = print,
) -> ContainerMemory:
    """Start a container of its own name, send it the clips, read its memory after each length, and remove it.

    The engine is never started for it. The image is built where it is not of today (a minute the first time).
    `cgroup-peak` is the kernel's high-water mark since the container was made; `pss` and `vm-hwm` are those of its
    first process, as read for the local tier, where this user may read them.

    Args:
        clip_seconds: lengths to embed, shortest first.
        settings: which engine, base image and weights.
        runtime: of the image, `onnx` or `speechbrain`.
        repeats: how often each clip of a length is sent.
        progress: told in words how far it is.
    """
    own = dataclasses.replace(
        settings, container_name=f"{settings.container_name}-measured-{os.getpid()}", docker_port=0
    )
    tier = DockerTier(own, runtime=runtime, known=find_known_clip(own), may_start_engine=False)
    try:
        await tier.engine.ask(lambda client, _: client.ping())
        progress(f"docker: building the {runtime} image")
        image = await build_image(own, tier.engine, runtime=runtime)
        await compute_known_vector(own)
        rows = await _walk(tier, clip_seconds, repeats, progress)
    except JarvisBenchError as exc:
        return ContainerMemory((), f"Docker not measured: {exc}")
    finally:
        with contextlib.suppress(JarvisBenchError):
            await tier.stop()
        await tier.aclose()
    return ContainerMemory(tuple(rows), _note(image))


async def _walk(
    tier: DockerTier, clip_seconds: Sequence[float], repeats: int, progress: Callable[[str], None]
) -> list[MemoryRow]:
    clips = load_clips(tier.settings.data_dir, tuple(clip_seconds))
    started_s = time.monotonic()
    progress("docker: starting the container")
    await tier.start()
    rows = await _read(tier, "ready", started_s)
    for seconds in sorted({clip.seconds for clip in clips}):
        progress(f"docker: embed {seconds:g} s")
        for clip in [clip for clip in clips if clip.seconds == seconds] * repeats:
            await tier.embed(clip.samples)
        rows += await _read(tier, f"embed {seconds:g} s", started_s)
    return rows


async def _read(tier: DockerTier, phase: str, started_s: float) -> list[MemoryRow]:
    found = {reading.metric: reading.bytes for reading in await tier.memory()}
    container = await tier.container()
    if container is not None and container.pid:
        # A process of a virtual machine is not one of ours; one of another user's cannot be read.
        with contextlib.suppress(JarvisBenchError):
            own = read_memory(container.pid)
            found |= {metric: own[metric] for metric in ("pss", "vm-hwm") if metric in own}
    at_s = time.monotonic() - started_s
    return [MemoryRow(tier.name, tier.runtime, phase, metric, size, at_s) for metric, size in found.items()]


def _note(image: Image) -> str:
    added = "" if image.added_bytes is None else f", {image.added_bytes / 1e6:.0f} MB of it beyond its base"
    return f"image {image.name}: {image.bytes / 1e6:.0f} MB{added} (measured)"
