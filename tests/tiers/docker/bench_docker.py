"""`make bench-docker`: both images on a real engine, like for like; some minutes, on a quiet machine.

For each runtime: what the image adds to its base, `start` to the first embedding, docker's own figure at rest after a
hundred clips of 1 to 10 s, the cgroup's high-water mark, and how long a probe takes. Exit 1 where a bound is missed.
"""

from __future__ import annotations

import asyncio
import dataclasses
import statistics
import sys
import time

import numpy as np
from numpy.typing import NDArray

from jarvis_bench.ecapa.clips import load_clips
from jarvis_bench.settings import read_settings
from jarvis_bench.tiers.docker import DockerTier
from jarvis_bench.tiers.docker.engine import Engine
from jarvis_bench.tiers.docker.image import build_image
from jarvis_bench.tiers.known_clip import compute_known_vector

MIB, MB = 2**20, 10**6
STARTS, PROBES, CLIPS = 5, 20, 100
# metric: the most it may be with the onnx runtime; the other is not bounded.
BOUNDS = {
    "image adds [MB]": 280,
    "first embedding [s]": 3,
    "docker stats [MiB]": 160,
    "high-water [MiB]": 256,
}


def clips() -> list[NDArray[np.float32]]:
    """A hundred clips of 1 to 10 s, evenly spread."""
    whole = np.concatenate([clip.samples for clip in load_clips(read_settings().data_dir, [10.0])])
    random = np.random.default_rng(3)
    lengths = random.uniform(16_000, 160_000, CLIPS).astype(int)
    starts = [int(random.integers(0, len(whole) - length)) for length in lengths]
    return [whole[start : start + length] for start, length in zip(starts, lengths, strict=True)]


async def measure(runtime: str) -> dict[str, float]:
    """One runtime's figures."""
    settings = dataclasses.replace(read_settings(), container_name="jarvis-bench-bench", docker_port=0)
    image = await build_image(settings, Engine(settings.docker_host), runtime=runtime)
    known = await compute_known_vector(settings)
    first_s, sent = [], clips()
    for number in range(STARTS):
        tier = DockerTier(settings, runtime=runtime, known=known)
        started_s = time.perf_counter()
        await tier.start()
        await tier.embed(sent[0])
        first_s.append(time.perf_counter() - started_s)
        if number < STARTS - 1:
            await tier.stop()
            await tier.aclose()
    try:
        probes_s = []
        for _ in range(PROBES):
            started_s = time.perf_counter()
            await tier.probe()
            probes_s.append(time.perf_counter() - started_s)
        for clip in sent:
            await tier.embed(clip)
        found = {reading.metric: reading.bytes for reading in await tier.memory()}
    finally:
        await tier.stop()
        await tier.aclose()
    return {
        "image [MB]": image.bytes / MB,
        "image adds [MB]": (image.added_bytes or 0) / MB,
        "first embedding [s]": statistics.median(first_s),
        "probe [s]": statistics.median(probes_s),
        "docker stats [MiB]": found["docker-stats"] / MIB,
        "anonymous [MiB]": found["cgroup-anon"] / MIB,
        "high-water [MiB]": found["cgroup-peak"] / MIB,
    }


async def main() -> int:
    """Print a table; 1 where a bound is missed."""
    runtimes = sys.argv[1:] or ["onnx", "speechbrain"]
    figures = {runtime: await measure(runtime) for runtime in runtimes}
    missed = 0
    for metric in figures[runtimes[0]]:
        values = "".join(f"{figures[runtime][metric]:>14.2f}" for runtime in runtimes)
        bound = BOUNDS.get(metric)
        late = bound is not None and figures.get("onnx", {}).get(metric, 0.0) > bound
        missed += late
        print(f"{metric:<22}{values}" + (f"   at most {bound}{' MISSED' if late else ''}" if bound else ""))  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
